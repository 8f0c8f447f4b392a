/* SPDX-License-Identifier: BSD-2-Clause */
/* Build step: the files of data/, read by the catalogue's own loaders, become constant tables in C: the program starts
 * without reading any of it, and a fault in data/ fails the build.
 * Usage: compile-data lists|receivers|findings OUTPUT DEPFILE FOLDER */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit/finding_file.h"
#include "lists/loader.h"
#include "receivers/receiver_record.h"

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
	texts("pages", &l->pages);
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
		", .more_codes = %d, .enabled = %d, .line = %d,\n",
		(int)l->class, l->query, (int)l->state, (int)l->scope, (int)l->scope6, (int)l->impact, l->suggests,
		l->more_codes, l->enabled, l->line);
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
	      "#include \"lists/builtin.h\"\n",
	      out);
	for (size_t i = 0; i < count; i++)
		list(lists[i], i);
	fputs("const struct list *const catalogue_builtin[] = {\n", out);
	for (size_t i = 0; i < count; i++)
		fprintf(out, "&list_%zu,\n", i);
	fprintf(out, "%s};\nconst size_t catalogue_builtin_count = %zu;\n", count ? "" : "NULL", count);
}

static void receiver(const struct receiver_record *r, size_t n)
{
	fprintf(out, "static const struct receiver_record receiver_%zu = {.v = {", n);
	member("name", r->v.name);
	member("id", r->v.id);
	fprintf(out, ".means = %d, .about = %d, .temporary = %d, ", (int)r->v.means, (int)r->v.about, r->v.temporary);
	member("meaning", r->v.meaning);
	member("removal_url", r->v.removal_url);
	member("procedure", r->v.procedure);
	member("feedback", r->v.feedback);
	member("source", r->v.source);
	fputs("},\n", out);
	texts("mx", &r->mx);
	texts("patterns", &r->patterns);
	texts("samples", &r->samples);
	member("reply_id", r->reply_id);
	member("host", r->host);
	member("zone", r->zone);
	member("file", r->file);
	fprintf(out, ".only_mx = %d, .common = %d, .line = %d};\n", r->only_mx, r->common, r->line);
}

static void receiver_tables(const struct receiver_records *records)
{
	fputs("/* Made from data/receivers by tools/compile-data.c: change the records, not this. */\n"
	      "#include \"receivers/receiver_builtin.h\"\n",
	      out);
	for (size_t i = 0; i < records->count; i++)
		receiver(records->at[i], i);
	fputs("const struct receiver_record *const receivers_builtin[] = {\n", out);
	for (size_t i = 0; i < records->count; i++)
		fprintf(out, "&receiver_%zu,\n", i);
	fprintf(out, "%s};\nconst size_t receivers_builtin_count = %zu;\n", records->count ? "" : "NULL",
		records->count);
}

/* ---- findings: each file's rows are written as it is read ---- */

static void findings_begin(void)
{
	fputs("/* Made from data/findings by tools/compile-data.c: change the records, not this. */\n"
	      "#include \"audit/finding.h\"\n"
	      "const struct finding_record findings_builtin[] = {\n",
	      out);
}

static int findings_add(struct span content, const char *file, struct arena *arena, struct schema_faults *faults)
{
	struct finding_file read = {0};
	int rc = finding_file_read(content, file, arena, faults, &read);
	for (size_t i = 0; rc == 0 && i < read.count; i++) {
		const struct finding_record *v = &read.findings[i].v;
		fputc('{', out);
		member("id", v->id);
		fprintf(out, ".severity = %d, ", (int)v->severity);
		member("title", v->title);
		member("means", v->means);
		member("remedy", v->remedy);
		member("source", v->source);
		fputs("},\n", out);
	}
	return rc;
}

static void findings_end(void)
{
	fputs("};\nconst size_t findings_builtin_count = sizeof(findings_builtin) / sizeof(*findings_builtin);\n", out);
}

/* What is compiled: one of the loaders with its tables. */
enum what { WHAT_LISTS, WHAT_RECEIVERS, WHAT_FINDINGS };
static const char *const what_names[] = {"lists", "receivers", "findings"};

struct data {
	struct arena *arena;
	struct schema_faults faults;
	enum what what;
	struct loader lists;
	struct receiver_loader replies;
};

static int is_record_file(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');
	return entry->d_name[0] != '.' && dot && strcmp(dot, ".yaml") == 0;
}

/* A path in a depfile: ninja reads a blank as the end of a name. */
static void depfile_path(FILE *depfile, const char *path)
{
	for (; *path; path++) {
		if (*path == ' ' || *path == '#')
			fputc('\\', depfile);
		else if (*path == '$')
			fputc('$', depfile);
		fputc(*path, depfile);
	}
}

static int add(struct data *d, FILE *depfile, const char *folder, const char *name)
{
	struct span content;
	char *path = arena_printf(d->arena, "%s/%s", folder, name);
	char *shown = arena_printf(d->arena, "data/%s/%s", what_names[d->what], name);
	int rc = path && shown ? schema_file(path, d->arena, &content, NULL) : -ENOMEM;
	if (rc < 0) {
		fprintf(stderr, "%s/%s: %s\n", folder, name, strerror(-rc));
		return rc;
	}
	fputc(' ', depfile);
	depfile_path(depfile, path);
	switch (d->what) {
	case WHAT_RECEIVERS:
		return receiver_loader_add(&d->replies, content, shown);
	case WHAT_FINDINGS:
		return findings_add(content, shown, d->arena, &d->faults);
	case WHAT_LISTS:
		break;
	}
	return loader_add(&d->lists, content, shown);
}

static int add_all(struct data *d, FILE *depfile, const char *folder)
{
	struct dirent **entries;
	int rc = 0, count = scandir(folder, &entries, is_record_file, alphasort);
	if (count < 0) {
		perror(folder);
		return -errno;
	}
	for (int i = 0; i < count; i++) {
		if (rc == 0)
			rc = add(d, depfile, folder, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return rc;
}

static int finish(struct data *d)
{
	struct receiver_records records = {0};
	const struct list *const *lists = NULL;
	size_t count = 0;
	int rc = d->what == WHAT_RECEIVERS ? receiver_loader_finish(&d->replies, &records)
		 : d->what == WHAT_LISTS   ? loader_finish(&d->lists, &lists, &count)
					   : 0;
	if (rc < 0 || d->faults.count)
		return rc < 0 ? rc : -EBADMSG;
	if (d->what == WHAT_RECEIVERS)
		receiver_tables(&records);
	else if (d->what == WHAT_LISTS)
		tables(lists, count);
	else
		findings_end();
	return 0;
}

static int compile(FILE *depfile, enum what what, const char *folder, struct arena *arena)
{
	struct data d = {.arena = arena, .faults = {.on_fault = print_fault}, .what = what};
	int rc;
	if (what == WHAT_FINDINGS)
		findings_begin();
	d.lists = (struct loader){.arena = arena, .faults = &d.faults};
	d.replies = (struct receiver_loader){.arena = arena, .faults = &d.faults};
	rc = add_all(&d, depfile, folder);
	if (rc == 0)
		rc = finish(&d);
	if (rc < 0)
		fprintf(stderr, "compile-data: %s: %s\n", folder, rc == -EBADMSG ? "faults" : strerror(-rc));
	return rc;
}

int main(int argc, char **argv)
{
	struct arena arena = arena_make(DATA_OCTETS_MAX);
	FILE *depfile = NULL;
	int rc = -1, what = 0;
	while (argc == 5 && what <= WHAT_FINDINGS && strcmp(argv[1], what_names[what]) != 0)
		what++;
	if (argc != 5 || what > WHAT_FINDINGS) {
		fprintf(stderr, "usage: compile-data lists|receivers|findings OUTPUT DEPFILE FOLDER\n");
		return 64;
	}
	out = fopen(argv[2], "w");
	depfile = fopen(argv[3], "w");
	if (out && depfile) {
		/* the folder itself: its time changes when a file comes or goes */
		depfile_path(depfile, argv[2]);
		fputs(": ", depfile);
		depfile_path(depfile, argv[4]);
		rc = compile(depfile, (enum what)what, argv[4], &arena);
		fputc('\n', depfile);
	} else {
		perror(out ? argv[3] : argv[2]);
	}
	if (depfile && fclose(depfile) != 0)
		rc = -1;
	if (out && fclose(out) != 0)
		rc = -1;
	arena_release(&arena);
	if (rc < 0)
		remove(argv[2]);
	return rc < 0;
}
