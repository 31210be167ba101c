/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A host for CPUID tests, shared by those of the table and of its check. */
#ifndef CPUID_HOST_H
#define CPUID_HOST_H

#include "env.h"

enum { EAX, EBX, ECX, EDX };

/* A host that has everything, Intel's, with caches and state components. */
static void rich_host(void *ctx, u32 leaf, u32 subleaf, u32 reg[4])
{
	static const u32 caches[] = { 0x21, 0x22, 0x43, 0x63 };
	static const u32 sizes[] = { 256, 64, 64, 72, 512, 1024, 0, 8 };
	static const u32 offsets[] = { 576, 960, 1024, 1088, 1152, 1664, 0, 2688 };
	int *asked = ctx;
	unsigned int i;

	if (asked)
		++*asked;
	for (i = 0; i < 4; i++)
		reg[i] = 0xffffffff;
	switch (leaf) {
	case 0:
		reg[EAX] = 0x20;
		memcpy(&reg[EBX], "Genu", 4);
		memcpy(&reg[EDX], "ineI", 4);
		memcpy(&reg[ECX], "ntel", 4);
		break;
	case 1:
		reg[EAX] = 0x000806f8;
		break;
	case 4:
		/* L1D, L1I, L2, L3, end. */
		reg[EAX] = subleaf > 3 ? 0 : 0xfc000100 | caches[subleaf];
		break;
	case 0xd:
		if (subleaf < 2)
			break;
		reg[EAX] = sizes[(subleaf - 2) & 7];
		reg[EBX] = offsets[(subleaf - 2) & 7];
		reg[ECX] = subleaf == 6 ? 2 : 0;
		break;
	case 0x80000000:
		reg[EAX] = 0x80000008;
		break;
	case 0x80000008:
		reg[EAX] = 0x3934;	/* 57, 52 */
		break;
	}
}

#endif /* CPUID_HOST_H */
