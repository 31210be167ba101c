/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR BSD-2-Clause */
/*
 * Devices in the kernel: calls on a VM fd.
 */
#ifndef _UAPI_VMM_DEVICE_H
#define _UAPI_VMM_DEVICE_H

#include "base.h"

/* VMM_RTC_SET_TIME, GET: seconds since 1970 that the guest's clock shows. */
struct vmm_rtc_time {
	__u32 size;
	__u32 flags;
	__s64 seconds;
	__u64 reserved;
};

/* VMM_RTC_NVRAM_WRITE, READ: one byte at @offset 14..127. */
struct vmm_rtc_nvram {
	__u32 size;
	__u32 flags;
	__u32 offset;
	__u32 value;
	__u64 reserved;
};

/* VMM_PMTMR_LOCATE: I/O port of the ACPI PM timer, 4-aligned; 0 removes it. */
struct vmm_pmtmr {
	__u32 size;
	__u32 flags;
	__u32 port;
	__u32 pad;
	__u64 reserved;
};

#define VMM_RTC_SET_TIME	_IOW(VMM_IOC, 0x60, struct vmm_rtc_time)
#define VMM_RTC_GET_TIME	_IOWR(VMM_IOC, 0x61, struct vmm_rtc_time)
#define VMM_RTC_NVRAM_WRITE	_IOW(VMM_IOC, 0x62, struct vmm_rtc_nvram)
#define VMM_RTC_NVRAM_READ	_IOWR(VMM_IOC, 0x63, struct vmm_rtc_nvram)
#define VMM_PMTMR_LOCATE	_IOW(VMM_IOC, 0x64, struct vmm_pmtmr)

#endif /* _UAPI_VMM_DEVICE_H */
