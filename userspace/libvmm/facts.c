// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Finding out about this machine: CPUID, /proc, /sys, and one visit to the
 * control node. No judgement is made here; diagnose.c makes it.
 *
 * Works for a plain user. Reading IA32_FEATURE_CONTROL needs root and the
 * kernel's msr driver, so it is usually unknown, and the kernel's own vmx flag
 * in /proc/cpuinfo has to tell: Linux clears it when firmware locked VT-x off,
 * which CPUID does not show.
 */
#include <cpuid.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "libvmm.h"

#define MSR_FEATURE_CONTROL	0x3a
#define SECURE_BOOT_VARIABLE \
	"/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"

/* CPUID puts a string of twelve characters in three registers. */
static void cpuid_string(char out[13], uint32_t a, uint32_t b, uint32_t c)
{
	uint32_t words[3] = { a, b, c };

	memcpy(out, words, 12);
	out[12] = '\0';
	for (int i = 0; i < 12; i++)
		if (out[i] && !isprint((unsigned char)out[i]))
			out[i] = '?';
}

static void gather_cpuid(struct vmm_facts *facts)
{
	uint32_t a, b, c, d;

	__cpuid(0, a, b, c, d);
	cpuid_string(facts->vendor, b, d, c);
	__cpuid(1, a, b, c, d);
	facts->cpuid_vmx = c & (1U << 5);
	if (c & (1U << 31)) {
		__cpuid(0x40000000, a, b, c, d);
		cpuid_string(facts->hypervisor, b, c, d);
		if (!facts->hypervisor[0])
			strcpy(facts->hypervisor, "unnamed");
	}
}

/* Is @word in @line, which is words separated by blanks? */
static bool line_has_word(const char *line, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = line; (at = strstr(at, word)); at += len)
		if ((at == line || isspace((unsigned char)at[-1])) &&
		    (!at[len] || isspace((unsigned char)at[len])))
			return true;
	return false;
}

static void gather_cpuinfo(struct vmm_facts *facts)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	char *line = NULL;
	size_t room = 0;

	if (!file)
		return;
	/* The first processor speaks for all; its block ends with an empty line. */
	while (getline(&line, &room, file) > 0 && line[0] != '\n') {
		char *colon = strchr(line, ':');

		if (!colon)
			continue;
		colon[strcspn(colon, "\n")] = '\0';
		if (!strncmp(line, "flags", 5)) {
			facts->cpuinfo_known = true;
			facts->cpuinfo_vmx = line_has_word(colon + 1, "vmx");
		} else if (!strncmp(line, "vmx flags", 9)) {
			snprintf(facts->vmx_flags, sizeof(facts->vmx_flags), "%s",
				 colon + 1 + strspn(colon + 1, " "));
		}
	}
	free(line);
	fclose(file);
}

static void gather_feature_control(struct vmm_facts *facts)
{
	uint64_t value;
	int fd = open("/dev/cpu/0/msr", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (pread(fd, &value, sizeof(value), MSR_FEATURE_CONTROL) == sizeof(value)) {
		facts->feature_control_known = true;
		facts->feature_control = value;
	}
	close(fd);
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* The first line of a small file, without its newline; "" if there is none. */
static void read_line(const char *path, char *out, size_t len)
{
	FILE *file = fopen(path, "re");

	out[0] = '\0';
	if (!file)
		return;
	if (!fgets(out, len, file))
		out[0] = '\0';
	out[strcspn(out, "\n")] = '\0';
	fclose(file);
}

static bool module_is_installed(const char *release)
{
	char path[160];
	char *line = NULL;
	size_t room = 0;
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep", release);
	file = fopen(path, "re");
	if (!file)
		return false;
	while (!found && getline(&line, &room, file) > 0) {
		line[strcspn(line, ":")] = '\0';
		found = strstr(line, "/vmm.ko") != NULL;
	}
	free(line);
	fclose(file);
	return found;
}

static void gather_modules(struct vmm_facts *facts)
{
	char value[8];
	struct utsname uts;

	if (!uname(&uts)) {
		snprintf(facts->release, sizeof(facts->release), "%.64s", uts.release);
		sscanf(uts.release, "%u.%u", &facts->kernel_major, &facts->kernel_minor);
	}
	facts->module_loaded = exists("/sys/module/vmm");
	facts->module_installed = module_is_installed(facts->release);
	facts->kvm_intel = exists("/sys/module/kvm_intel");
	facts->vboxdrv = exists("/sys/module/vboxdrv");
	facts->vmmon = exists("/sys/module/vmmon");
	read_line("/sys/module/kvm/parameters/enable_virt_at_load", value, sizeof(value));
	facts->enable_virt_at_load = value[0];
}

static void gather_node(struct vmm_facts *facts, const char *path)
{
	int ctl = vmm_open(path, &facts->info);

	if (ctl >= 0) {
		facts->info_known = true;
		close(ctl);
	} else if (ctl == -EPROTO) {
		facts->info_known = true;
		facts->abi_error = EPROTO;
	} else {
		facts->open_error = -ctl;
	}
}

static void gather_user(struct vmm_facts *facts)
{
	struct passwd *user = getpwuid(getuid());
	struct group *group = getgrnam("vmm");
	gid_t groups[256];
	int count;

	if (user)
		snprintf(facts->user, sizeof(facts->user), "%s", user->pw_name);
	if (!group)
		return;
	facts->group_exists = true;
	facts->in_group = getegid() == group->gr_gid;
	count = getgroups(256, groups);
	for (int i = 0; i < count; i++)
		if (groups[i] == group->gr_gid)
			facts->in_group = true;
}

static void gather_lockdown(struct vmm_facts *facts)
{
	char line[80], *open, *close;
	unsigned char variable[5];
	FILE *file;

	read_line("/sys/kernel/security/lockdown", line, sizeof(line));
	open = strchr(line, '[');
	close = open ? strchr(open, ']') : NULL;
	if (close) {
		*close = '\0';
		snprintf(facts->lockdown, sizeof(facts->lockdown), "%.23s", open + 1);
	}

	facts->secure_boot = exists("/sys/firmware/efi") ? -1 : 0;
	file = fopen(SECURE_BOOT_VARIABLE, "re");
	if (!file)
		return;
	/* Four bytes of attributes, then the value. */
	if (fread(variable, 1, sizeof(variable), file) == sizeof(variable))
		facts->secure_boot = variable[4] == 1;
	fclose(file);
}

void vmm_facts_gather(struct vmm_facts *facts, const char *path)
{
	memset(facts, 0, sizeof(*facts));
	gather_cpuid(facts);
	gather_cpuinfo(facts);
	gather_feature_control(facts);
	gather_modules(facts);
	gather_node(facts, path);
	gather_user(facts);
	gather_lockdown(facts);
}
