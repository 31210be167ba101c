// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * vmmctl list: the VMs that are alive, as far as the caller may see them.
 *
 * VMs come and go between two calls; the list is in order of their ids, which
 * are never used twice, so it ends.
 */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "vmmctl.h"

static const char *user_name(uint32_t uid, char *buf, size_t len)
{
	struct passwd *user = getpwuid(uid);

	if (user)
		snprintf(buf, len, "%s", user->pw_name);
	else
		snprintf(buf, len, "%u", uid);
	return buf;
}

static void print_vm(const struct vmm_vm_list *vm, const char *name, const char *user)
{
	uint64_t seconds = vm->age_ns / 1000000000;

	printf("%5u %-16s %8u %-10s %5u %7llu MiB %5llu:%02u:%02u\n", vm->id,
	       name[0] ? name : "-", vm->owner_pid, user, vm->vcpus,
	       (unsigned long long)(vm->memory >> 20), (unsigned long long)(seconds / 3600),
	       (unsigned int)(seconds / 60 % 60), (unsigned int)(seconds % 60));
}

static void json_vm(struct json *json, const struct vmm_vm_list *vm, const char *name,
		    const char *user)
{
	json_open(json, NULL, '{');
	json_number(json, "id", vm->id);
	json_string(json, "name", name);
	json_number(json, "pid", vm->owner_pid);
	json_number(json, "uid", vm->owner_uid);
	json_string(json, "user", user);
	json_number(json, "vcpus", vm->vcpus);
	json_number(json, "memory", vm->memory);
	json_number(json, "age_seconds", vm->age_ns / 1000000000);
	json_close(json, '}');
}

int cmd_list(const struct ctl *ctl, int argc, char **argv)
{
	struct vmm_vm_list vm = { 0 };
	struct json json = { 0 };
	int error;

	(void)argv;
	if (argc > 1)
		return ctl_no_arguments(ctl, "list", argc - 1);
	if (ctl->json)
		json_open(&json, NULL, '[');
	else
		printf("%5s %-16s %8s %-10s %5s %11s %11s\n", "ID", "NAME", "PID", "USER",
		       "VCPUS", "MEMORY", "AGE");

	while (!(error = vmm_vm_list(ctl->fd, &vm))) {
		char name[sizeof(vm.name) + 1], user[40];

		snprintf(name, sizeof(name), "%.*s", (int)sizeof(vm.name), vm.name);
		user_name(vm.owner_uid, user, sizeof(user));
		if (ctl->json)
			json_vm(&json, &vm, name, user);
		else
			print_vm(&vm, name, user);
	}
	if (ctl->json)
		json_close(&json, ']');
	if (error == -ENOENT)
		return 0;
	fprintf(stderr, "%s: list: %s\n", ctl->program, strerror(-error));
	return 1;
}
