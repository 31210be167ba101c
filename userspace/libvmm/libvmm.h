/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libvmm: the vmm module's interface as C functions, one per ioctl, and two
 * helpers: guest memory, and the reasons a machine cannot run guests.
 *
 * Errors. Every function that can fail returns a negative errno; functions
 * that return a descriptor return it as a non-negative number. Nothing is
 * printed and errno is not a result. What an errno means for one call is said
 * in <uapi/vmm.h>, above that call's structure.
 *
 * Ownership. Descriptors, mappings and structures belong to the caller. The
 * library keeps no state, so any thread may call any function; vmm_run()
 * belongs to one thread per vCPU.
 */
#ifndef LIBVMM_H
#define LIBVMM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <uapi/vmm.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- control node (vmm.c) ------------------------------------------------- */

/*
 * Open the control node (@path NULL: VMM_DEVICE) and ask VMM_GET_INFO.
 * Returns a descriptor; -EPROTO if the module speaks another ABI version, in
 * which case @info is filled in all the same. @info may be NULL.
 */
int vmm_open(const char *path, struct vmm_info *info);
int vmm_get_info(int ctl, struct vmm_info *info);

/* Returns a VM descriptor. @name NULL or empty: no public name. */
int vmm_vm_create(int ctl, const char *name);

/* A descriptor of a VM with a public name, of the same user's. */
int vmm_vm_open(const char *name);

/* The next VM after list->id; -ENOENT after the last. Begin with id 0. */
int vmm_vm_list(int ctl, struct vmm_vm_list *list);

/* Name of counter @index in @name, NUL-terminated; -ENOENT past the end. */
int vmm_stat_name(int ctl, unsigned int index, char *name, size_t len);

/* Stop every vCPU of @vm with VMM_EXIT_SUSPENDED; @how is VMM_SUSPEND_*. */
int vmm_suspend(int vm, unsigned int how);
int vmm_get_cpus(int vm, unsigned int which, uint64_t *mask);

/*
 * Why VMM_VM_CREATE would be refused now, and what to do, as one sentence
 * without a full stop. Returns @buf; empty when there is no refusal.
 */
char *vmm_refusal_text(const struct vmm_info *info, char *buf, size_t len);

/* --- guest memory (mem.c) ------------------------------------------------- */

int vmm_memseg_add(int vm, uint64_t gpa, uint64_t len, void *hva, uint32_t prot);
int vmm_memseg_remove(int vm, uint64_t gpa, uint64_t len);
int vmm_memseg_move(int vm, uint64_t gpa, uint64_t len, uint64_t new_gpa);
int vmm_memseg_next(int vm, uint64_t gpa, struct vmm_memseg *seg);
int vmm_ept_walk(int vm, uint64_t gpa, struct vmm_ept_walk *walk);
int vmm_mem_stats(int vm, struct vmm_mem_stats *stats);

/*
 * RAM of a PC: @low bytes from 0 on and @high bytes from 4 GiB on, together
 * one anonymous mapping that is filled in as the guest touches it.
 */
#define VMM_LOW_MAX	0xc0000000ULL
#define VMM_HIGH_GPA	0x100000000ULL

struct vmm_ram {
	uint8_t *hva;
	uint64_t low;
	uint64_t high;
};

/* @size is a multiple of 4096. No VM is needed: loaders can run before it. */
int vmm_ram_create(struct vmm_ram *ram, uint64_t size);
void vmm_ram_destroy(struct vmm_ram *ram);
int vmm_ram_attach(const struct vmm_ram *ram, int vm);

/* Where [@gpa, @gpa + @len) lies in this process; NULL if any of it is no RAM. */
void *vmm_ram_hva(const struct vmm_ram *ram, uint64_t gpa, uint64_t len);

/* --- protection, dirty log, age map (memlog.c) ---------------------------- */

/* @prot VMM_PROT_* is the most the guest may do there; see VMM_EXIT_PROTECT. */
int vmm_protect(int vm, uint64_t gpa, uint64_t len, uint32_t prot);
/* The first restricted range that ends above @gpa; -ENOENT: none. */
int vmm_protect_next(int vm, uint64_t gpa, struct vmm_protect *range);

/* Of exactly one segment; fetch any part of it. @bits: len / 4096 bits, lowest first. */
int vmm_dirty_log_start(int vm, uint64_t gpa, uint64_t len);
int vmm_dirty_log_stop(int vm, uint64_t gpa, uint64_t len);
int vmm_dirty_log_fetch(int vm, uint64_t gpa, uint64_t len, uint8_t *bits);

/* @ages: a byte per page, fetches since the guest used it last. */
int vmm_age_map_start(int vm, uint64_t gpa, uint64_t len);
int vmm_age_map_stop(int vm, uint64_t gpa, uint64_t len);
int vmm_age_map_fetch(int vm, uint64_t gpa, uint64_t len, uint8_t *ages);

/* --- devmem (devmem.c) ---------------------------------------------------- */

/*
 * Memory of the kernel's with a name: returns a descriptor to mmap(MAP_SHARED).
 * @flags: VMM_DEVMEM_WX or 0. The descriptor may be closed: name and mappings stay.
 */
int vmm_devmem_create(int vm, const char *name, uint64_t len, uint32_t flags);
int vmm_devmem_destroy(int vm, const char *name);

/* The next devmem behind devmem->name; zero the structure to begin. */
int vmm_devmem_next(int vm, struct vmm_devmem *devmem);

/* While vCPUs run, too. @prot is what the guest may do; see VMM_DEVMEM_MAP. */
int vmm_devmem_map(int vm, const char *name, uint64_t gpa, uint64_t offset, uint64_t len,
		   uint32_t prot);
int vmm_devmem_unmap(int vm, const char *name, uint64_t gpa, uint64_t len);

/* --- vCPU (vcpu.c, regs.c) ------------------------------------------------ */

struct vmm_vcpu {
	int fd;
	unsigned int id;
	struct vmm_run *run;	/* VMM_RUN_SIZE bytes, shared with the module */
};

/* The vCPU is created and its run page mapped; activate it before running. */
int vmm_vcpu_create(int vm, unsigned int id, struct vmm_vcpu *vcpu);
void vmm_vcpu_close(struct vmm_vcpu *vcpu);
int vmm_vcpu_activate(const struct vmm_vcpu *vcpu);

/* -EINTR: a signal, or immediate_exit. */
int vmm_run(const struct vmm_vcpu *vcpu);

/* May wait for vmm_run() to end: call them from the vCPU's own thread. */
int vmm_get_regs(const struct vmm_vcpu *vcpu, uint32_t groups, struct vmm_regs *regs);
int vmm_set_regs(const struct vmm_vcpu *vcpu, uint32_t groups, const struct vmm_regs *regs);
int vmm_get_vmcs(const struct vmm_vcpu *vcpu, uint32_t encoding, uint64_t *value);

/* Fills in up to VMM_EXIT_LOG_MAX records, newest first; their number or error. */
int vmm_get_exits(const struct vmm_vcpu *vcpu, struct vmm_exit_rec *rec, unsigned int max);

/* Counters from @first on; how many were filled in, or an error. */
int vmm_get_stats(const struct vmm_vcpu *vcpu, unsigned int first, uint64_t *value,
		  unsigned int max);

int vmm_inject_exception(const struct vmm_vcpu *vcpu, const struct vmm_exception *exception);
int vmm_inject_nmi(const struct vmm_vcpu *vcpu);

/* --- processors, state, guest linear addresses (state.c, copy.c) ---------- */

/* Before the first vCPU. The structures' size need not be filled in. */
int vmm_get_cpuid(int vm, struct vmm_cpuid *cpuid);
int vmm_set_cpuid(int vm, const struct vmm_cpuid *cpuid);
int vmm_set_msr_filter(int vm, const struct vmm_msr_filter *filter);

/* @flags: VMM_MSRS_ALL or 0, then msrs->count and the indices are the caller's. */
int vmm_get_msrs(const struct vmm_vcpu *vcpu, struct vmm_msrs *msrs, unsigned int flags);
int vmm_set_msrs(const struct vmm_vcpu *vcpu, const struct vmm_msrs *msrs);
int vmm_get_xsave(const struct vmm_vcpu *vcpu, struct vmm_xsave *xsave);
int vmm_set_xsave(const struct vmm_vcpu *vcpu, const struct vmm_xsave *xsave);
int vmm_set_debug(const struct vmm_vcpu *vcpu, const struct vmm_debug *debug);

/* In: flags, gla, access. A fault of the guest is no error. */
int vmm_gla2gpa(const struct vmm_vcpu *vcpu, struct vmm_gla *gla);

/*
 * Copy between guest linear addresses and this process, from the vCPU's own
 * thread. @access: VMM_GLA_USER, VMM_GLA_IMPLICIT; @flags: VMM_GLA_INJECT. All
 * pages are translated and found to be RAM before the first byte moves, up to
 * VMM_COPY_MAX bytes. 0; 1: the guest's page tables refuse, as *@fault (may be
 * NULL) says; -EFAULT not RAM; -EMSGSIZE; what vmm_gla2gpa() returns.
 */
#define VMM_COPY_MAX	0x10000
int vmm_copyin(const struct vmm_vcpu *vcpu, const struct vmm_ram *ram, uint64_t gla,
	       void *to, size_t len, uint32_t access, uint32_t flags, struct vmm_gla *fault);
int vmm_copyout(const struct vmm_vcpu *vcpu, const struct vmm_ram *ram, uint64_t gla,
		const void *from, size_t len, uint32_t access, uint32_t flags,
		struct vmm_gla *fault);

/* --- interrupt lines and kernel devices (dev.c) --------------------------- */

int vmm_isa_irq(int vm, unsigned int pin, unsigned int ioapic_pin, unsigned int op);
int vmm_ioapic_irq(int vm, unsigned int pin, unsigned int op);
int vmm_isa_set_irq_trigger(int vm, unsigned int pin, unsigned int trigger);
int vmm_lapic_msi(int vm, uint64_t msi_gpa, uint32_t data);
int vmm_lapic_local_irq(int vm, unsigned int vcpu, unsigned int lvt);

/*
 * eventfds (uapi/vmm/eventfd.h). vmm_irqfd(): @irqfd without its size.
 * vmm_ioeventfd(): @flags VMM_IOEVENTFD_*, @gpa an address or a port.
 */
int vmm_irqfd(int vm, const struct vmm_irqfd *irqfd);
int vmm_ioeventfd(int vm, int fd, uint64_t gpa, uint32_t len, uint32_t flags, uint64_t data);

int vmm_rtc_set_time(int vm, int64_t seconds);
int vmm_rtc_get_time(int vm, int64_t *seconds);
int vmm_rtc_nvram_write(int vm, unsigned int offset, uint8_t value);
int vmm_rtc_nvram_read(int vm, unsigned int offset, uint8_t *value);
int vmm_pmtmr_locate(int vm, unsigned int port);

/* --- can this machine run guests? (facts.c, diagnose.c) ------------------- */

/*
 * What was found out about this machine, without judging it. Everything a
 * plain user can read; what could not be read is marked as unknown.
 */
struct vmm_facts {
	char vendor[13];		/* CPUID leaf 0 */
	char hypervisor[13];		/* CPUID leaf 0x40000000; empty on bare metal */
	bool cpuid_vmx;
	bool cpuinfo_known;		/* /proc/cpuinfo was read and has "flags" */
	bool cpuinfo_vmx;		/* the kernel left the vmx flag on */
	char vmx_flags[512];		/* its "vmx flags" line; empty if it has none */
	bool feature_control_known;
	uint64_t feature_control;	/* IA32_FEATURE_CONTROL of CPU 0 */

	bool module_loaded;
	bool module_installed;		/* modprobe would find it */
	int  open_error;		/* opening the node: 0 or positive errno */
	bool info_known;
	struct vmm_info info;
	int  abi_error;			/* 0, or EPROTO */

	bool kvm_intel;
	char enable_virt_at_load;	/* 'Y', 'N', or 0: kernel has no such switch */
	bool vboxdrv;
	bool vmmon;
	char release[65];		/* uname -r */
	unsigned int kernel_major, kernel_minor;

	bool group_exists;
	bool in_group;
	char user[33];

	char lockdown[24];		/* "none", "integrity", "confidentiality", "" */
	int  secure_boot;		/* 1 on, 0 off, -1 unknown */
};

#define VMM_ROW_PASS	0
#define VMM_ROW_WARN	1	/* works now, may not later */
#define VMM_ROW_FAIL	2
#define VMM_ROW_UNKNOWN	3	/* could not be checked, not by itself a failure */
#define VMM_ROWS_MAX	12

struct vmm_row {
	const char *subject;		/* what was looked at */
	int verdict;			/* VMM_ROW_* */
	char found[160];
	char remedy[400];		/* empty when there is nothing to do */
};

/* @path NULL: VMM_DEVICE. Never fails; opens the node and closes it again. */
void vmm_facts_gather(struct vmm_facts *facts, const char *path);

/*
 * Judge @facts: fills in at most VMM_ROWS_MAX rows, most fundamental first,
 * and returns their number. Pure. The machine can run guests unless a row
 * says VMM_ROW_FAIL.
 */
unsigned int vmm_diagnose(const struct vmm_facts *facts, struct vmm_row rows[VMM_ROWS_MAX]);
bool vmm_rows_pass(const struct vmm_row *rows, unsigned int count);

#ifdef __cplusplus
}
#endif

#endif /* LIBVMM_H */
