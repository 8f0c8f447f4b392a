/* SPDX-License-Identifier: BSD-2-Clause */
#include "logread/months.h"

#include <stdbool.h>

/* Source: LC_TIME's abmon and ab_alt_mon of glibc 2.36's locales, in small letters, without dots at the end. */
static const struct {
	const char *name;
	int month;
} months[] = {
	{"jan", 1},     {"jän", 1},     {"janv", 1},    {"ene", 1},     {"gen", 1},     {"sty", 1},     {"led", 1},
	{"янв", 1},     {"січ", 1},     {"сту", 1},     {"яну", 1},     {"јан", 1},     {"tammi", 1},   {"oca", 1},
	{"ian", 1},     {"ιαν", 1},     {"de gen", 1},  {"urt", 1},     {"xan", 1},     {"jaan", 1},    {"saus", 1},
	{"thg 1", 1},   {"იან", 1},     {"1月", 1},     {"1월", 1},     {"feb", 2},     {"févr", 2},    {"fév", 2},
	{"fev", 2},     {"lut", 2},     {"úno", 2},     {"фев", 2},     {"лют", 2},     {"феб", 2},     {"helmi", 2},
	{"febr", 2},    {"şub", 2},     {"φεβ", 2},     {"de febr", 2}, {"ots", 2},     {"veebr", 2},   {"vas", 2},
	{"shk", 2},     {"thg 2", 2},   {"თებ", 2},     {"2月", 2},     {"2월", 2},     {"mar", 3},     {"mär", 3},
	{"mars", 3},    {"mrt", 3},     {"bře", 3},     {"мар", 3},     {"бер", 3},     {"сак", 3},     {"maalis", 3},
	{"márc", 3},    {"μαρ", 3},     {"μάρ", 3},     {"de març", 3}, {"març", 3},    {"märts", 3},   {"kov", 3},
	{"mäe", 3},     {"thg 3", 3},   {"მარ", 3},     {"3月", 3},     {"3월", 3},     {"apr", 4},     {"avril", 4},
	{"avr", 4},     {"abr", 4},     {"kwi", 4},     {"dub", 4},     {"апр", 4},     {"кві", 4},     {"кра", 4},
	{"april", 4},   {"huhti", 4},   {"ápr", 4},     {"nis", 4},     {"απρ", 4},     {"d’abr", 4},   {"api", 4},
	{"bal", 4},     {"pri", 4},     {"thg 4", 4},   {"აპრ", 4},     {"4月", 4},     {"4월", 4},     {"may", 5},
	{"mai", 5},     {"mag", 5},     {"mei", 5},     {"maj", 5},     {"kvě", 5},     {"máj", 5},     {"мая", 5},
	{"май", 5},     {"тра", 5},     {"мај", 5},     {"touko", 5},   {"maí", 5},     {"μαΐ", 5},     {"μάι", 5},
	{"de maig", 5}, {"maig", 5},    {"geg", 5},     {"mee", 5},     {"thg 5", 5},   {"მაი", 5},     {"5月", 5},
	{"5월", 5},     {"jun", 6},     {"juin", 6},    {"giu", 6},     {"cze", 6},     {"čen", 6},     {"jún", 6},
	{"июн", 6},     {"чер", 6},     {"чэр", 6},     {"юни", 6},     {"јун", 6},     {"juni", 6},    {"kesä", 6},
	{"haz", 6},     {"iun", 6},     {"ιουν", 6},    {"ιούν", 6},    {"de juny", 6}, {"juny", 6},    {"eka", 6},
	{"xuñ", 6},     {"juuni", 6},   {"birž", 6},    {"jūn", 6},     {"qer", 6},     {"thg 6", 6},   {"ივნ", 6},
	{"6月", 6},     {"6월", 6},     {"jul", 7},     {"juil", 7},    {"jui", 7},     {"lug", 7},     {"lip", 7},
	{"čec", 7},     {"júl", 7},     {"июл", 7},     {"лип", 7},     {"ліп", 7},     {"юли", 7},     {"јул", 7},
	{"juli", 7},    {"heinä", 7},   {"tem", 7},     {"iul", 7},     {"ιουλ", 7},    {"ιούλ", 7},    {"de jul", 7},
	{"uzt", 7},     {"xul", 7},     {"juuli", 7},   {"liep", 7},    {"jūl", 7},     {"kor", 7},     {"thg 7", 7},
	{"ივლ", 7},     {"7月", 7},     {"7월", 7},     {"aug", 8},     {"août", 8},    {"aoû", 8},     {"ago", 8},
	{"sie", 8},     {"srp", 8},     {"авг", 8},     {"сер", 8},     {"жні", 8},     {"elo", 8},     {"ágú", 8},
	{"ağu", 8},     {"αυγ", 8},     {"αύγ", 8},     {"d’ag", 8},    {"ag", 8},      {"abu", 8},     {"rugp", 8},
	{"avg", 8},     {"gsh", 8},     {"agu", 8},     {"thg 8", 8},   {"აგვ", 8},     {"8月", 8},     {"8월", 8},
	{"sep", 9},     {"sept", 9},    {"set", 9},     {"wrz", 9},     {"zář", 9},     {"сен", 9},     {"вер", 9},
	{"сеп", 9},     {"syys", 9},    {"szept", 9},   {"eyl", 9},     {"σεπ", 9},     {"de set", 9},  {"ira", 9},
	{"rugs", 9},    {"sht", 9},     {"thg 9", 9},   {"სექ", 9},     {"9月", 9},     {"9월", 9},     {"oct", 10},
	{"okt", 10},    {"ott", 10},    {"out", 10},    {"paź", 10},    {"říj", 10},    {"окт", 10},    {"жов", 10},
	{"кас", 10},    {"loka", 10},   {"eki", 10},    {"οκτ", 10},    {"d’oct", 10},  {"urr", 10},    {"spal", 10},
	{"tet", 10},    {"thg 10", 10}, {"ოქტ", 10},    {"10月", 10},   {"10월", 10},   {"nov", 11},    {"lis", 11},
	{"ноя", 11},    {"лис", 11},    {"ліс", 11},    {"ное", 11},    {"нов", 11},    {"marras", 11}, {"nóv", 11},
	{"kas", 11},    {"νοε", 11},    {"νοέ", 11},    {"de nov", 11}, {"aza", 11},    {"lapkr", 11},  {"nën", 11},
	{"thg 11", 11}, {"ნოე", 11},    {"11月", 11},   {"11월", 11},   {"dec", 12},    {"dez", 12},    {"déc", 12},
	{"dic", 12},    {"gru", 12},    {"pro", 12},    {"дек", 12},    {"гру", 12},    {"сне", 12},    {"дец", 12},
	{"des", 12},    {"joulu", 12},  {"ara", 12},    {"δεκ", 12},    {"de des", 12}, {"abe", 12},    {"dets", 12},
	{"gruod", 12},  {"dhj", 12},    {"thg 12", 12}, {"დეკ", 12},    {"12月", 12},   {"12월", 12},
};

/* One character, from UTF-8 or, where it is none, from Latin-1. */
static uint32_t character(struct span *s)
{
	uint8_t c = s->at[0];
	size_t more = c < 0xc2 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 0;
	uint32_t value = more == 1 ? c & 0x1f : more == 2 ? c & 0x0f : c;
	for (size_t i = 1; i <= more; i++) {
		if (i >= s->len || (s->at[i] & 0xc0) != 0x80) {
			value = c;
			more = 0;
			break;
		}
		value = value << 6 | (s->at[i] & 0x3f);
	}
	*s = span_from(*s, more + 1);
	return value;
}

/* Latin, Greek and Cyrillic: the capitals of each range stand so far before their small letters. */
static const struct {
	uint32_t from, to, step, distance;
} capitals[] = {
	{'A', 'Z', 1, 0x20},     {0xc0, 0xd6, 1, 0x20},   {0xd8, 0xde, 1, 0x20}, {0x100, 0x136, 2, 1},
	{0x139, 0x147, 2, 1},    {0x14a, 0x176, 2, 1},    {0x179, 0x17d, 2, 1},  {0x391, 0x3a9, 1, 0x20},
	{0x400, 0x40f, 1, 0x50}, {0x410, 0x42f, 1, 0x20},
};

static uint32_t small(uint32_t c)
{
	for (size_t i = 0; i < sizeof(capitals) / sizeof(capitals[0]); i++)
		if (c >= capitals[i].from && c <= capitals[i].to && (c - capitals[i].from) % capitals[i].step == 0)
			return c + capitals[i].distance;
	return c;
}

/* @return octets of `text` that are this name; 0: it begins with another. */
static size_t begins(struct span text, const char *name)
{
	struct span rest = text, left = span_str(name);
	while (left.len)
		if (!rest.len || small(character(&rest)) != character(&left))
			return 0;
	return text.len - rest.len;
}

size_t month_name(struct span text, int *ret_month)
{
	for (size_t i = 0; i < sizeof(months) / sizeof(months[0]); i++) {
		size_t n = begins(text, months[i].name);
		if (!n)
			continue;
		if (n < text.len && text.at[n] == '.')
			n++;
		if (n < text.len && text.at[n] == ' ') {
			*ret_month = months[i].month;
			return n;
		}
	}
	return 0;
}
