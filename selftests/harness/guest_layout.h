/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where things lie in the memory of a test guest. C and assembly.
 *
 * The guest has GUEST_MEM bytes from gpa 0. Below 1 MiB are the tables that the
 * harness builds; the test program lies at the addresses it was linked for.
 * Everything is mapped to itself, all 4 GiB of it.
 */
#ifndef GUEST_LAYOUT_H
#define GUEST_LAYOUT_H

#define GUEST_MEM		0x800000

#define GUEST_GDT		0x1000
#define GUEST_TSS		0x1800
#define GUEST_IDT		0x2000
#define GUEST_PML4		0x3000
#define GUEST_PDPT		0x4000
#define GUEST_PD		0x5000	/* four pages */
#define GUEST_AP_START		0x9000	/* SIPI vector 9 */
#define GUEST_AP_ENTRY		0x9f00	/* function that APs call */
#define GUEST_CODE		0xa000	/* real-mode and 32-bit code */
#define GUEST_STACKS		0x10000	/* one of GUEST_STACK bytes for each vCPU */
#define GUEST_STACK		0x4000
#define GUEST_SCRATCH		0x100000	/* left to the test, up to the program */
#define GUEST_PROGRAM		0x400000	/* where the linker puts a program */
#define GUEST_FREE		0x600000	/* left to the test, up to GUEST_MEM */

#define GUEST_CS64		0x08
#define GUEST_DS		0x10
#define GUEST_CS32		0x18
#define GUEST_TR		0x20
#define GUEST_CS16		0x30
#define GUEST_DS16		0x38

/* Ports that the harness answers; the value is in RBX. */
#define GUEST_PORT_DONE		0xf0
#define GUEST_PORT_CHAR		0xf1
#define GUEST_PORT_VALUE	0xf2
#define GUEST_PORT_DIED		0xf3

#endif /* GUEST_LAYOUT_H */
