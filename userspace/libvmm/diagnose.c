// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Why can this machine not run guests? Facts in, rows out: one function per
 * row, each naming what was found and the next thing to do.
 *
 * Pure: no file is read here, so every text can be tested. The order of the
 * rows is the order of causes; a row whose cause an earlier row has named
 * already says that it follows from it rather than giving a second remedy.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "libvmm.h"

#define FEATURE_CONTROL_LOCKED	(1ULL << 0)
#define FEATURE_CONTROL_VMX	(1ULL << 2)

__attribute__((format(printf, 2, 3)))
static void found(struct vmm_row *row, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(row->found, sizeof(row->found), format, args);
	va_end(args);
}

__attribute__((format(printf, 3, 4)))
static void remedy(struct vmm_row *row, int verdict, const char *format, ...)
{
	va_list args;

	row->verdict = verdict;
	va_start(args, format);
	vsnprintf(row->remedy, sizeof(row->remedy), format, args);
	va_end(args);
}

static bool has_flag(const struct vmm_facts *facts, const char *flag)
{
	size_t len = strlen(flag);

	for (const char *at = facts->vmx_flags; (at = strstr(at, flag)); at += len)
		if ((at == facts->vmx_flags || at[-1] == ' ') && (!at[len] || at[len] == ' '))
			return true;
	return false;
}

static const char *hypervisor_name(const char *signature)
{
	static const struct {
		const char *signature, *name;
	} known[] = {
		{ "KVMKVMKVM", "KVM" },
		{ "Linux KVM Hv", "KVM" },
		{ "VMwareVMware", "VMware" },
		{ "Microsoft Hv", "Hyper-V" },
		{ "VBoxVBoxVBox", "VirtualBox" },
		{ "XenVMMXenVMM", "Xen" },
		{ "bhyve bhyve ", "bhyve" },
		{ "TCGTCGTCGTCG", "QEMU without KVM" },
		{ "ACRNACRNACRN", "ACRN" },
		{ "prl hyperv", "Parallels" },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strncmp(signature, known[i].signature, strlen(known[i].signature)))
			return known[i].name;
	return signature;
}

static bool kernel_at_least(const struct vmm_facts *facts, unsigned int major, unsigned int minor)
{
	return facts->kernel_major > major ||
	       (facts->kernel_major == major && facts->kernel_minor >= minor);
}

static void row_processor(const struct vmm_facts *facts, struct vmm_row *row)
{
	row->subject = "processor";
	found(row, "%s", facts->vendor);
	if (facts->cpuid_vmx)
		return;
	if (!strcmp(facts->vendor, "AuthenticAMD") || !strcmp(facts->vendor, "HygonGenuine"))
		remedy(row, VMM_ROW_FAIL,
		       "this module drives Intel VT-x only; AMD-V is not supported");
}

static void row_vtx(const struct vmm_facts *facts, bool processor_fails, struct vmm_row *row)
{
	const char *name = hypervisor_name(facts->hypervisor);

	row->subject = "VT-x";
	if (processor_fails) {
		found(row, "not a feature of this processor");
		row->verdict = VMM_ROW_UNKNOWN;
	} else if (facts->cpuid_vmx && facts->hypervisor[0]) {
		found(row, "offered by %s (nested)", name);
	} else if (facts->cpuid_vmx) {
		found(row, "offered by the processor");
	} else if (!facts->hypervisor[0]) {
		found(row, "the processor does not offer it");
		remedy(row, VMM_ROW_FAIL,
		       "use a machine whose Intel processor has VT-x; all since 2010 that can run guests here do, some Atoms and Celerons do not");
	} else if (!strcmp(name, "KVM")) {
		found(row, "running inside a VM (KVM) without nested VT-x");
		remedy(row, VMM_ROW_FAIL,
		       "on the host: modprobe -r kvm_intel; modprobe kvm_intel nested=1; then start this VM with its processor model set to host (QEMU: -cpu host)");
	} else if (!strcmp(name, "VMware")) {
		found(row, "running inside a VM (VMware) without nested VT-x");
		remedy(row, VMM_ROW_FAIL,
		       "power this VM off and tick \"Virtualize Intel VT-x/EPT\" in its processor settings (vhv.enable = \"TRUE\")");
	} else if (!strcmp(name, "Hyper-V")) {
		found(row, "running inside a VM (Hyper-V) without nested VT-x");
		remedy(row, VMM_ROW_FAIL,
		       "on the host: Set-VMProcessor -VMName NAME -ExposeVirtualizationExtensions $true, with this VM powered off");
	} else if (!strcmp(name, "VirtualBox")) {
		found(row, "running inside a VM (VirtualBox) without nested VT-x");
		remedy(row, VMM_ROW_FAIL,
		       "on the host: VBoxManage modifyvm NAME --nested-hw-virt on, with this VM powered off");
	} else {
		found(row, "running inside a VM (%s) without nested VT-x", name);
		remedy(row, VMM_ROW_FAIL,
		       "switch on nested virtualisation for this VM on its host, or use a physical machine");
	}
}

static void row_firmware(const struct vmm_facts *facts, struct vmm_row *row)
{
	bool locked_off = facts->feature_control_known &&
			  (facts->feature_control & FEATURE_CONTROL_LOCKED) &&
			  !(facts->feature_control & FEATURE_CONTROL_VMX);

	row->subject = "firmware";
	if (!facts->cpuid_vmx) {
		found(row, "nothing to check without VT-x");
		row->verdict = VMM_ROW_UNKNOWN;
		return;
	}
	if (!locked_off && facts->cpuinfo_known && facts->cpuinfo_vmx) {
		found(row, "leaves VT-x on");
		return;
	}
	if (!locked_off && facts->feature_control_known && !facts->cpuinfo_known) {
		found(row, "leaves VT-x on");
		return;
	}
	if (!locked_off && !facts->cpuinfo_known) {
		found(row, "could not be checked: /proc/cpuinfo is not readable");
		row->verdict = VMM_ROW_UNKNOWN;
		return;
	}
	found(row, "VT-x is locked off");
	remedy(row, VMM_ROW_FAIL,
	       "switch on \"Intel Virtualization Technology\" (VT-x, VMX) in the firmware set-up; then switch the machine off and on, a warm restart may not do");
}

static void row_ept(const struct vmm_facts *facts, struct vmm_row *row)
{
	bool ept = has_flag(facts, "ept");
	bool unrestricted = has_flag(facts, "unrestricted_guest");

	row->subject = "EPT, unrestricted guest";
	if (facts->info_known) {
		found(row, "present");
		return;
	}
	if (!facts->cpuid_vmx || !facts->vmx_flags[0]) {
		found(row, facts->cpuid_vmx ? "this kernel does not list them" :
		      "nothing to check without VT-x");
		row->verdict = VMM_ROW_UNKNOWN;
		return;
	}
	if (ept && unrestricted) {
		found(row, "present");
		return;
	}
	if (!ept) {
		found(row, "EPT is missing");
		remedy(row, VMM_ROW_FAIL,
		       "use a processor of the Nehalem generation (2008) or later with unrestricted guest (Westmere, 2010, or later); in a VM, let the host's hypervisor pass EPT on");
		return;
	}
	found(row, "unrestricted guest is missing");
	remedy(row, VMM_ROW_FAIL,
	       "use a processor of the Westmere generation (2010) or later; in a VM, choose such a model, or the host's own");
}

static void row_optional(const struct vmm_facts *facts, struct vmm_row *row)
{
	static const char *const flags[] = {
		"vpid", "ept_ad", "ept_1gb", "flexpriority", "tsc_offset", "vtpr", "vapic",
		"vapic_reg", "vid", "posted_intr", "pml", "ple", "mtf", "preemption_timer",
	};
	size_t used = 0;

	row->subject = "optional features";
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (has_flag(facts, flags[i]) && used < sizeof(row->found))
			used += snprintf(row->found + used, sizeof(row->found) - used, "%s%s",
					 used ? " " : "", flags[i]);
	if (!used)
		found(row, "none known of");
}

static void row_module(const struct vmm_facts *facts, bool machine_fails, struct vmm_row *row)
{
	row->subject = "module vmm";
	if (facts->module_loaded || facts->info_known) {
		found(row, "loaded");
		if (facts->info_known && facts->info.version[0])
			found(row, "loaded, version %.31s", facts->info.version);
		return;
	}
	found(row, facts->module_installed ? "installed, not loaded" :
	      "not installed for kernel %s", facts->release);
	if (machine_fails) {
		remedy(row, VMM_ROW_FAIL,
		       "see above: it does not load on this machine as it is");
	} else if (!facts->module_installed) {
		remedy(row, VMM_ROW_FAIL,
		       "build and install it for this kernel (package vmm-dkms, or make module and insmod build/vmm.ko as root), then: modprobe vmm");
	} else if (facts->secure_boot == 1 || (facts->lockdown[0] && strcmp(facts->lockdown, "none"))) {
		remedy(row, VMM_ROW_FAIL,
		       "modprobe vmm as root; if it answers \"Key was rejected\", Secure Boot wants a signed module: enrol the DKMS key once with mokutil --import /var/lib/dkms/mok.pub and restart");
	} else {
		remedy(row, VMM_ROW_FAIL,
		       "modprobe vmm as root; if that fails, dmesg names the cause");
	}
}

static void row_node(const struct vmm_facts *facts, struct vmm_row *row)
{
	row->subject = VMM_DEVICE;
	if (facts->info_known) {
		found(row, "may be opened");
		return;
	}
	found(row, "%s", strerror(facts->open_error));
	switch (facts->open_error) {
	case ENOENT:
		if (facts->module_loaded)
			remedy(row, VMM_ROW_FAIL,
			       "the module is loaded but its node is missing: is udev running, or is /dev a private one (container, chroot)?");
		else
			remedy(row, VMM_ROW_FAIL, "it appears when the module is loaded");
		break;
	case EACCES:
	case EPERM:
		if (!facts->group_exists)
			remedy(row, VMM_ROW_FAIL,
			       "as root: groupadd --system vmm; chgrp vmm " VMM_DEVICE "; chmod 660 " VMM_DEVICE "; adduser %s vmm; then log in again",
			       facts->user[0] ? facts->user : "USER");
		else if (!facts->in_group)
			remedy(row, VMM_ROW_FAIL, "as root: adduser %s vmm; then log in again",
			       facts->user[0] ? facts->user : "USER");
		else
			remedy(row, VMM_ROW_FAIL,
			       "you are in group vmm but the node does not admit it: as root, chgrp vmm " VMM_DEVICE "; chmod 660 " VMM_DEVICE);
		break;
	case ENXIO:
	case ENODEV:
		remedy(row, VMM_ROW_FAIL,
		       "the node is left over from a module that is gone: modprobe vmm as root");
		break;
	case ENOTTY:
	case EINVAL:
		remedy(row, VMM_ROW_FAIL,
		       "this is not the node of module vmm: does another program or module own that name?");
		break;
	default:
		remedy(row, VMM_ROW_FAIL, "dmesg may say more");
	}
}

static void row_abi(const struct vmm_facts *facts, struct vmm_row *row)
{
	row->subject = "interface version";
	if (!facts->info_known) {
		found(row, "unknown while the module cannot be asked");
		row->verdict = VMM_ROW_UNKNOWN;
		return;
	}
	found(row, "module %u, this program %u", facts->info.abi_version, VMM_ABI_VERSION);
	if (!facts->abi_error)
		return;
	if (facts->info.abi_version < VMM_ABI_VERSION)
		remedy(row, VMM_ROW_FAIL,
		       "the module is older: upgrade it, then modprobe -r vmm; modprobe vmm");
	else
		remedy(row, VMM_ROW_FAIL, "this program is older: upgrade it");
}

/* The remedy for KVM's hold on VMX depends on the kernel: 6.12 takes it at load. */
static void kvm_remedy(const struct vmm_facts *facts, int verdict, struct vmm_row *row)
{
	if (facts->enable_virt_at_load == 'Y' ||
	    (!facts->enable_virt_at_load && kernel_at_least(facts, 6, 12)))
		remedy(row, verdict,
		       "stop KVM guests, then as root: modprobe -r kvm_intel; or boot with kvm.enable_virt_at_load=0 to keep both modules loaded");
	else
		remedy(row, verdict,
		       "stop KVM guests (fuser -v /dev/kvm names their processes) and try again; kvm_intel itself may stay loaded");
}

static void row_others(const struct vmm_facts *facts, struct vmm_row *row)
{
	const struct vmm_info *info = &facts->info;

	row->subject = "other hypervisors";
	if (facts->info_known && info->refusal == VMM_REFUSAL_VMX_HELD && !facts->kvm_intel &&
	    !facts->vboxdrv && !facts->vmmon) {
		found(row, "VMX is held on CPU %u by an unknown owner", info->refusal_cpu);
		remedy(row, VMM_ROW_FAIL,
		       "find the hypervisor with lsmod and unload its module; a TDX host keeps VMX for itself");
		return;
	}
	if (facts->vboxdrv || facts->vmmon) {
		const char *name = facts->vboxdrv ? "VirtualBox" : "VMware";
		const char *module = facts->vboxdrv ? "vboxdrv" : "vmmon";

		found(row, "%s (%s) is loaded", name, module);
		if (info->refusal == VMM_REFUSAL_VMX_HELD && facts->info_known && !facts->kvm_intel)
			remedy(row, VMM_ROW_FAIL,
			       "it holds VMX: stop its guests, then as root: modprobe -r %s", module);
		else
			remedy(row, VMM_ROW_WARN,
			       "while its guests run, ours cannot: stop them, or as root: modprobe -r %s",
			       module);
		if (!facts->kvm_intel)
			return;
	}
	if (!facts->kvm_intel) {
		found(row, "none found");
		return;
	}
	if (facts->info_known && info->refusal == VMM_REFUSAL_VMX_HELD) {
		found(row, "KVM holds VMX (CPU %u)", info->refusal_cpu);
		kvm_remedy(facts, VMM_ROW_FAIL, row);
	} else if (facts->enable_virt_at_load == 'Y' && !facts->info_known) {
		found(row, "KVM holds VMX from the loading of kvm_intel on");
		kvm_remedy(facts, VMM_ROW_FAIL, row);
	} else {
		found(row, "kvm_intel is loaded, VMX is free");
		if (facts->enable_virt_at_load != 'N')
			remedy(row, VMM_ROW_WARN,
			       "while KVM guests run, ours cannot start, and the other way round");
	}
}

static void row_refusal(const struct vmm_facts *facts, struct vmm_row *row)
{
	const struct vmm_info *info = &facts->info;

	row->subject = "VMX on every CPU";
	if (!facts->info_known || facts->abi_error) {
		found(row, "unknown while the module cannot be asked");
		row->verdict = VMM_ROW_UNKNOWN;
		return;
	}
	switch (info->refusal) {
	case VMM_REFUSAL_NONE:
		found(row, "may be switched on");
		break;
	case VMM_REFUSAL_VMX_HELD:
		found(row, "held by another hypervisor (CPU %u)", info->refusal_cpu);
		remedy(row, VMM_ROW_FAIL, "see \"other hypervisors\"");
		break;
	case VMM_REFUSAL_VMXON:
		found(row, "CPU %u refuses VMXON", info->refusal_cpu);
		remedy(row, VMM_ROW_FAIL,
		       "firmware has set up this CPU otherwise than the first: update the firmware, or take the CPU offline (chcpu -d %u)",
		       info->refusal_cpu);
		break;
	case VMM_REFUSAL_NO_CONTROL:
		found(row, "CPU %u lacks a control that the first CPU has", info->refusal_cpu);
		remedy(row, VMM_ROW_FAIL,
		       "dmesg names the control; take the CPU offline (chcpu -d %u) and load the module again",
		       info->refusal_cpu);
		break;
	case VMM_REFUSAL_GOING_DOWN:
		found(row, "the machine is going down");
		remedy(row, VMM_ROW_FAIL, "try again after the restart");
		break;
	default:
		found(row, "refused for reason %u, which is newer than this program",
		      info->refusal);
		remedy(row, VMM_ROW_FAIL, "upgrade this program; dmesg may say more");
	}
}

bool vmm_rows_pass(const struct vmm_row *rows, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		if (rows[i].verdict == VMM_ROW_FAIL)
			return false;
	return true;
}

unsigned int vmm_diagnose(const struct vmm_facts *facts, struct vmm_row rows[VMM_ROWS_MAX])
{
	bool machine_fails;

	memset(rows, 0, VMM_ROWS_MAX * sizeof(*rows));
	row_processor(facts, &rows[0]);
	row_vtx(facts, rows[0].verdict == VMM_ROW_FAIL, &rows[1]);
	row_firmware(facts, &rows[2]);
	row_ept(facts, &rows[3]);
	machine_fails = !vmm_rows_pass(rows, 4);
	row_optional(facts, &rows[4]);
	row_others(facts, &rows[5]);
	row_module(facts, machine_fails, &rows[6]);
	row_node(facts, &rows[7]);
	row_abi(facts, &rows[8]);
	row_refusal(facts, &rows[9]);
	return 10;
}
