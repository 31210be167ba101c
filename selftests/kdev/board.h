/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Guest-side programming of the interrupt controllers.
 */
#ifndef KDEV_BOARD_H
#define KDEV_BOARD_H

#include "guest_code.h"

#define IOAPIC_GPA	0xfec00000ULL
#define IOAPIC_LEVEL	0x8000
#define IOAPIC_MASKED	0x10000
#define IOAPIC_IRR	0x4000

static inline uint32_t ioapic_read(uint32_t index)
{
	write32(IOAPIC_GPA, index);
	return read32(IOAPIC_GPA + 0x10);
}

static inline void ioapic_write(uint32_t index, uint32_t value)
{
	write32(IOAPIC_GPA, index);
	write32(IOAPIC_GPA + 0x10, value);
}

/* Routes @pin to vCPU 0. */
static inline void ioapic_route(uint32_t pin, uint32_t low)
{
	ioapic_write(0x11 + 2 * pin, 0);
	ioapic_write(0x10 + 2 * pin, low);
}

/* The pair with vectors from @base, all lines but @open_lines masked. */
static inline void pic_init(uint8_t base, uint16_t open_lines)
{
	outb(0x20, 0x11);
	outb(0xa0, 0x11);
	outb(0x21, base);
	outb(0xa1, base + 8);
	outb(0x21, 4);
	outb(0xa1, 2);
	outb(0x21, 1);
	outb(0xa1, 1);
	outb(0x21, ~open_lines);
	outb(0xa1, ~open_lines >> 8);
}

#endif /* KDEV_BOARD_H */
