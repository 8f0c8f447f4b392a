/* SPDX-License-Identifier: BSD-2-Clause */
#include "diagnose/detect.h"

const struct detector *const detectors[] = {
#define DETECTOR(file, name) &detect_##name,
#include "diagnose/detectors.inc"
	NULL,
};
