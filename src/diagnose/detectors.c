/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of detectors: one file and one row each. */
#include "diagnose/detect.h"

const struct detector *const detectors[] = {
	&detect_compromised_account,
	&detect_script,
	&detect_open_relay,
	&detect_gateway_relay,
	&detect_proxy_relay,
	&detect_infected_client,
	&detect_forwarding,
	&detect_backscatter,
	&detect_bulk_mail,
	&detect_bulk_login,
	NULL,
};
