/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_LISTS_RECORD_WORDS_H
#define OFFLIST_LISTS_RECORD_WORDS_H

#include "lists/lists.h"
#include "config/schema.h"

/* The words of the records, each table ended by NULL. */
extern const struct schema_word catalogue_words_class[], catalogue_words_state[], catalogue_words_impact[],
	catalogue_words_scope[], catalogue_words_why[], catalogue_words_query[];
extern const struct schema_word catalogue_words_cause[]; /* values: bits 1 << enum cause */
extern const struct schema_word catalogue_words_method[], catalogue_words_who[], catalogue_words_closed[];
extern const struct schema_word catalogue_words_resolver[], catalogue_words_registration[],
	catalogue_words_permission[];

#endif
