/* SPDX-License-Identifier: BSD-2-Clause */
#include "audit/audit.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AUDIT(file, name) extern const struct audit_row audit_##name;
#include "audit/audits.inc"

const struct audit_row *const audit_rows[] = {
#define AUDIT(file, name) &audit_##name,
#include "audit/audits.inc"
	NULL};

const struct audit_row *audit_row_find(const char *name)
{
	for (size_t i = 0; audit_rows[i]; i++)
		if (strcmp(audit_rows[i]->name, name) == 0)
			return audit_rows[i];
	return NULL;
}

int audits_begin(struct audits *all, const struct audit_row *const *rows, size_t count, struct arena *arena,
		 int64_t now_us)
{
	if (count == 0) {
		rows = audit_rows;
		while (rows[count])
			count++;
	}
	all->arena = arena;
	all->at = arena_alloc(arena, count, sizeof(*all->at));
	all->findings = arena_alloc(arena, AUDIT_FINDINGS_MAX, sizeof(*all->findings));
	if (!all->at || !all->findings)
		return -ENOMEM;
	for (; all->count < count && !all->error; all->count++) {
		struct audit *a = &all->at[all->count];
		*a = (struct audit){.row = rows[all->count], .config = &all->config, .deadline_us = now_us, .fd = -1};
		int rc = a->row->begin(all, a, now_us);
		if (rc < 0 && !a->why)
			all->error = rc;
		a->ended |= rc < 0;
	}
	return all->error;
}

bool audits_step(struct audits *all, int64_t now_us)
{
	bool ended = true;
	for (size_t i = 0; i < all->count && !all->error; i++) {
		struct audit *a = &all->at[i];
		if (!a->ended && (a->ready || a->deadline_us <= now_us)) {
			a->row->step(all, a, now_us);
			a->ready = false;
		}
		ended &= a->ended;
	}
	return ended || all->error;
}

int64_t audits_deadline_us(const struct audits *all)
{
	int64_t next = INT64_MAX;
	for (size_t i = 0; i < all->count; i++)
		if (!all->at[i].ended && all->at[i].deadline_us < next)
			next = all->at[i].deadline_us;
	return next;
}

void audits_interrupt(struct audits *all)
{
	for (size_t i = 0; i < all->count && !all->error; i++) {
		struct audit *a = &all->at[i];
		if (a->ended)
			continue;
		if (a->row->interrupt)
			a->row->interrupt(all, a);
		audit_cannot(all, a, "interrupted");
	}
}

void audits_release(struct audits *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->at[i].row->release)
			all->at[i].row->release(&all->at[i]);
	all->count = 0;
}

/* Few, and those of one severity keep their order. */
void audits_settle(struct audits *all)
{
	for (size_t i = 1; i < all->finding_count; i++) {
		struct audit_finding one = all->findings[i];
		size_t at = i;
		for (; at && all->findings[at - 1].record->severity < one.record->severity; at--)
			all->findings[at] = all->findings[at - 1];
		all->findings[at] = one;
	}
}

bool audits_whole(const struct audits *all)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->at[i].why || all->at[i].note)
			return false;
	return true;
}

size_t audits_worse(const struct audits *all, enum severity least)
{
	size_t count = 0;
	while (count < all->finding_count && all->findings[count].record->severity >= least)
		count++;
	return count;
}

void audit_found(struct audits *all, const char *id, const char *subject, const char *detail,
		 const char *const *evidence, size_t evidence_count)
{
	const struct finding_record *record = finding_record(id);
	const char **kept = arena_alloc(all->arena, evidence_count + 1, sizeof(*kept));
	if (all->finding_count == AUDIT_FINDINGS_MAX) {
		all->full = true;
		return;
	}
	if (!kept || !record || !subject || !detail) {
		all->error = record ? -ENOMEM : -EINVAL;
		return;
	}
	for (size_t i = 0; i < evidence_count; i++)
		kept[i] = evidence[i];
	all->findings[all->finding_count++] = (struct audit_finding){
		.record = record,
		.subject = subject,
		.detail = detail,
		.evidence = kept,
		.evidence_count = evidence_count,
	};
}

void audit_command(struct audits *all, const char *what, const char *text)
{
	struct audit_finding *f = all->finding_count ? &all->findings[all->finding_count - 1] : NULL;
	if (!text)
		all->error = -ENOMEM;
	else if (f && !all->full && f->command_count < FINDING_COMMANDS_MAX)
		f->commands[f->command_count++] = (struct finding_command){what, text};
}

void audit_cannot(struct audits *all, struct audit *a, const char *format, ...)
{
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	a->why = arena_copy(all->arena, span_str(text));
	if (!a->why)
		all->error = -ENOMEM;
	a->ended = true;
}
