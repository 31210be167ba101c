// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * vmmctl memory NAME: what the guest of a named VM sees at which address, its
 * devmems, and what it may not do. The map can change between two lines.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "vmmctl.h"

static const char *prot_text(uint32_t prot, char text[4])
{
	text[0] = prot & VMM_PROT_READ ? 'r' : '-';
	text[1] = prot & VMM_PROT_WRITE ? 'w' : '-';
	text[2] = prot & VMM_PROT_EXEC ? 'x' : '-';
	text[3] = '\0';
	return text;
}

static void print_range(struct json *json, const char *kind, uint64_t gpa, uint64_t len,
			uint32_t prot)
{
	char text[4];

	prot_text(prot, text);
	if (!json) {
		printf("%-10s %#014llx %#14llx  %s\n", kind, (unsigned long long)gpa,
		       (unsigned long long)len, text);
		return;
	}
	json_open(json, NULL, '{');
	json_string(json, "kind", kind);
	json_number(json, "gpa", gpa);
	json_number(json, "length", len);
	json_string(json, "access", text);
	json_close(json, '}');
}

static int print_map(int vm, struct json *json)
{
	struct vmm_protect range;
	struct vmm_memseg seg;
	uint64_t gpa;
	int error;

	for (gpa = 0; !(error = vmm_memseg_next(vm, gpa, &seg)); gpa = seg.gpa + seg.len)
		print_range(json, seg.flags & VMM_MEMSEG_DEVMEM ? "devmem" : "memory", seg.gpa,
			    seg.len, seg.prot);
	if (error != -ENOENT)
		return error;
	for (gpa = 0; !(error = vmm_protect_next(vm, gpa, &range)); gpa = range.gpa + range.len)
		print_range(json, "protected", range.gpa, range.len, range.prot);
	return error == -ENOENT ? 0 : error;
}

static int print_devmems(int vm, struct json *json, const char *name)
{
	struct vmm_devmem devmem = { 0 };
	int error;

	while (!(error = vmm_devmem_next(vm, &devmem))) {
		if (json) {
			json_open(json, NULL, '{');
			json_string(json, "name", devmem.name);
			json_number(json, "length", devmem.len);
			json_close(json, '}');
		} else {
			printf("%-10s /dev/vmm/%s.%s, %llu KiB\n", "object", name, devmem.name,
			       (unsigned long long)(devmem.len >> 10));
		}
	}
	return error == -ENOENT ? 0 : error;
}

int cmd_memory(const struct ctl *ctl, int argc, char **argv)
{
	struct json buf = { 0 }, *json = ctl->json ? &buf : NULL;
	int vm, error;

	if (argc != 2) {
		fprintf(stderr, "%s: memory takes the name of one VM\n", ctl->program);
		return 2;
	}
	vm = vmm_vm_open(argv[1]);
	if (vm < 0) {
		fprintf(stderr, "%s: no VM \"%s\" to look at: %s\n", ctl->program, argv[1],
			strerror(-vm));
		return 1;
	}
	if (json) {
		json_open(json, NULL, '{');
		json_open(json, "map", '[');
	} else {
		printf("%-10s %14s %14s  %s\n", "KIND", "GPA", "LENGTH", "ACCESS");
	}
	error = print_map(vm, json);
	if (json) {
		json_close(json, ']');
		json_open(json, "devmems", '[');
	}
	if (!error)
		error = print_devmems(vm, json, argv[1]);
	if (json) {
		json_close(json, ']');
		json_close(json, '}');
	}
	close(vm);
	if (!error)
		return 0;
	fprintf(stderr, "%s: memory: %s\n", ctl->program, strerror(-error));
	return 1;
}
