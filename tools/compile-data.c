/* SPDX-License-Identifier: BSD-2-Clause */
/* Build step: the files of data/lists, read by the catalogue's own loader, become constant tables in C: the program starts
 * without reading any of it, and a fault in data/ fails the build. Usage: compile-data OUTPUT DEPFILE FOLDER */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "catalogue/loader.h"

enum { DATA_OCTETS_MAX = 512 << 20 };

static FILE *out;

static void print_fault(void *arg, const char *line)
{
	fprintf(stderr, "%s\n", line);
}

/* A C literal; three octal digits never run into what follows. */
static void text(const char *s)
{
	if (!s) {
		fputs("NULL", out);
		return;
	}
	fputc('"', out);
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;
		if (c == '"' || c == '\\' || c == '?' || c < 0x20 || c >= 0x7f)
			fprintf(out, "\\%03o", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
}

static void member(const char *name, const char *s)
{
	fprintf(out, ".%s = ", name);
	text(s);
	fputs(", ", out);
}

static void texts(const char *name, const struct texts *t)
{
	if (t->count == 0)
		return;
	fprintf(out, ".%s = {(const char *const[]){", name);
	for (size_t i = 0; i < t->count; i++) {
		text(t->at[i]);
		fputs(", ", out);
	}
	fprintf(out, "}, %zu}, ", t->count);
}

static void removal(const struct removal *r)
{
	fprintf(out, ".removal = {.method = %d, .who = %d, ", r->method, (int)r->who);
	member("url", r->url);
	member("address", r->address);
	texts("first", &r->first);
	texts("steps", &r->steps);
	fprintf(out, ".cooldown_s = %" PRId64 ", .expires_after_s = %" PRId64 ", .paid = %d, .counts_removals = %d, ",
		r->cooldown_s, r->expires_after_s, r->paid, r->counts_removals);
	member("advice", r->advice);
	fputs("},\n", out);
}

static void address(const char *name, const struct addr *a)
{
	if (!a->family)
		return;
	fprintf(out, ".%s = {%d, {", name, a->family);
	for (size_t i = 0; i < sizeof(a->octets); i++)
		fprintf(out, "%d, ", a->octets[i]);
	fputs("}}, ", out);
}

static void answers(const struct list *l, size_t n)
{
	fprintf(out, "static const struct list_answer answers_%zu[] = {\n", n);
	for (size_t i = 0; i < l->answer_count; i++) {
		const struct list_answer *a = &l->answers[i];
		fprintf(out, "{.match = %d, .first = 0x%" PRIx32 ", .last = 0x%" PRIx32 ", ", (int)a->match, a->first,
			a->last);
		member("list", a->list);
		member("meaning", a->meaning);
		fprintf(out, ".class = %d, .impact = %d, .scope = %d, .suggests = %" PRIu32 ", .own = %" PRIu32 ", ",
			(int)a->class, (int)a->impact, (int)a->scope, a->suggests, a->own);
		removal(&a->removal);
		fputs("},\n", out);
	}
	fputs("};\n", out);
}

static void refusals(const struct list *l, size_t n)
{
	fprintf(out, "static const struct list_refusal refusals_%zu[] = {\n", n);
	for (size_t i = 0; i < l->refusal_count; i++) {
		const struct list_refusal *r = &l->refusals[i];
		fprintf(out, "{.first = 0x%" PRIx32 ", .last = 0x%" PRIx32 ", .why = %d, ", r->first, r->last,
			(int)r->why);
		member("meaning", r->meaning);
		fputs("},\n", out);
	}
	fputs("};\n", out);
}

static void sources(const struct list *l, size_t n)
{
	fprintf(out, "static const struct list_source sources_%zu[] = {\n", n);
	for (size_t i = 0; i < l->source_count; i++) {
		fputs("{", out);
		member("name", l->sources[i].name);
		member("date", l->sources[i].date);
		fputs("},\n", out);
	}
	fputs("};\n", out);
}

static void test_points(const struct list_test *t)
{
	fprintf(out, ".test = {.ip4 = %d, .ip6 = %d, .domain = %d, .answer = 0x%" PRIx32 ", ", t->ip4, t->ip6,
		t->domain, t->answer);
	address("ip4_listed", &t->ip4_listed);
	address("ip4_clear", &t->ip4_clear);
	address("ip6_listed", &t->ip6_listed);
	address("ip6_clear", &t->ip6_clear);
	member("domain_listed", t->domain_listed);
	member("domain_clear", t->domain_clear);
	member("note", t->note);
	fputs("},\n", out);
}

static void terms(const struct list_terms *t)
{
	fprintf(out,
		".terms = {.per_day = %" PRId64 ", .unlimited = %d, .rate = %.9g, .burst = %" PRId64
		", .public_resolvers = %d, .commercial = %d, .sweeps = %d, .registration = %d, ",
		t->per_day, t->unlimited, t->rate, t->burst, (int)t->public_resolvers, (int)t->commercial,
		(int)t->sweeps, t->registration);
	member("note", t->note);
	fputs("},\n", out);
}

static void names(const struct list *l)
{
	member("zone", l->zone);
	member("key", l->key);
	member("name", l->name);
	member("operator_name", l->operator_name);
	member("operator_url", l->operator_url);
	texts("operator_notes", &l->operator_notes);
	member("qualified", l->qualified);
	member("since", l->since);
	member("closed_how", l->closed_how);
	member("closed_note", l->closed_note);
	member("closed_instead", l->closed_instead);
	texts("part_of", &l->part_of);
	member("evidence", l->evidence);
	member("lookup", l->lookup);
	texts("notes", &l->notes);
	member("file", l->file);
}

static void list(const struct list *l, size_t n)
{
	if (l->answer_count)
		answers(l, n);
	if (l->refusal_count)
		refusals(l, n);
	if (l->source_count)
		sources(l, n);
	fprintf(out, "static const struct list list_%zu = {\n", n);
	names(l);
	fprintf(out,
		".class = %d, .query = %" PRIu32
		", .state = %d, .scope = %d, .scope6 = %d, .impact = %d, .suggests = %" PRIu32
		", .enabled = %d, .line = %d,\n",
		(int)l->class, l->query, (int)l->state, (int)l->scope, (int)l->scope6, (int)l->impact, l->suggests,
		l->enabled, l->line);
	if (l->answer_count)
		fprintf(out, ".answers = answers_%zu, .answer_count = %zu, ", n, l->answer_count);
	if (l->refusal_count)
		fprintf(out, ".refusals = refusals_%zu, .refusal_count = %zu, ", n, l->refusal_count);
	if (l->source_count)
		fprintf(out, ".sources = sources_%zu, .source_count = %zu, ", n, l->source_count);
	test_points(&l->test);
	terms(&l->terms);
	removal(&l->removal);
	fputs("};\n", out);
}

static void tables(const struct list *const *lists, size_t count)
{
	fputs("/* Made from data/lists by tools/compile-data.c: change the records, not this. */\n"
	      "#include \"catalogue/builtin.h\"\n",
	      out);
	for (size_t i = 0; i < count; i++)
		list(lists[i], i);
	fputs("const struct list *const catalogue_builtin[] = {\n", out);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "&list_%zu,\n", i);
	fprintf(out, "%s};\nconst size_t catalogue_builtin_count = %zu;\n", count ? "" : "NULL", count);
}

static int is_record_file(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');
	return entry->d_name[0] != '.' && dot && strcmp(dot, ".yaml") == 0;
}

static int add(struct loader *l, FILE *depfile, const char *folder, const char *name)
{
	struct span content;
	char *path = arena_printf(l->arena, "%s/%s", folder, name);
	char *shown = arena_printf(l->arena, "data/lists/%s", name);
	int rc = path && shown ? schema_file(path, l->arena, &content, NULL) : -ENOMEM;
	if (rc < 0) {
		fprintf(stderr, "%s/%s: %s\n", folder, name, strerror(-rc));
		return rc;
	}
	fprintf(depfile, " %s", path);
	return loader_add(l, content, shown);
}

static int compile(FILE *depfile, const char *folder, struct arena *arena)
{
	struct schema_faults faults = {.on_fault = print_fault};
	struct loader l = {.arena = arena, .faults = &faults};
	const struct list *const *lists = NULL;
	struct dirent **entries;
	size_t list_count = 0;
	int rc = 0, count = scandir(folder, &entries, is_record_file, alphasort);
	if (count < 0) {
		perror(folder);
		return -1;
	}
	for (int i = 0; i < count; i++) {
		if (rc == 0)
			rc = add(&l, depfile, folder, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	if (rc == 0)
		rc = loader_finish(&l, &lists, &list_count);
	if (rc < 0 || faults.count) {
		if (rc < 0)
			fprintf(stderr, "compile-data: %s\n", strerror(-rc));
		return -1;
	}
	tables(lists, list_count);
	return 0;
}

int main(int argc, char **argv)
{
	struct arena arena = arena_make(DATA_OCTETS_MAX);
	FILE *depfile = NULL;
	int rc = -1;
	if (argc != 4) {
		fprintf(stderr, "usage: compile-data OUTPUT DEPFILE FOLDER\n");
		return 64;
	}
	out = fopen(argv[1], "w");
	depfile = fopen(argv[2], "w");
	if (out && depfile) {
		/* the folder itself: its time changes when a file comes or goes */
		fprintf(depfile, "%s: %s", argv[1], argv[3]);
		rc = compile(depfile, argv[3], &arena);
		fputc('\n', depfile);
	} else {
		perror(out ? argv[2] : argv[1]);
	}
	if (depfile && fclose(depfile) != 0)
		rc = -1;
	if (out && fclose(out) != 0)
		rc = -1;
	arena_release(&arena);
	if (rc < 0)
		remove(argv[1]);
	return rc < 0;
}
