/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef OFFLIST_CATALOGUE_WORDS_H
#define OFFLIST_CATALOGUE_WORDS_H

#include "catalogue/lists.h"
#include "config/schema.h"

/* The words of the records, each table ended by NULL. */
extern const struct schema_word class_words[], state_words[], impact_words[], scope_words[], why_words[], query_words[];
extern const struct schema_word cause_words[]; /* values: bits 1 << enum cause */
extern const struct schema_word method_words[], who_words[], closed_words[];
extern const struct schema_word resolver_words[], registration_words[], permission_words[];

#endif
