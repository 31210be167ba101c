// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A guest for tests of vmrun: the first word of its command line chooses what
 * it does. Multiboot 1, 32-bit, no interrupts, polled serial port.
 */
#include <stdint.h>

#define COM1		0x3f8
#define PM1_STATUS	0x600
#define PM1_ENABLE	0x602
#define PM1_CONTROL	0x604
#define POWER_BUTTON	0x100
#define POWER_OFF	(5 << 10 | 1 << 13)

struct multiboot {
	uint32_t flags, mem_lower, mem_upper, boot_device, cmdline, mods_count, mods;
};

void guest_main(uint32_t magic, const struct multiboot *info);

static void outb(uint16_t port, uint8_t value)
{
	asm volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static void outw(uint16_t port, uint16_t value)
{
	asm volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static uint8_t inb(uint16_t port)
{
	uint8_t value;

	asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static uint16_t inw(uint16_t port)
{
	uint16_t value;

	asm volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void put(char c)
{
	while (!(inb(COM1 + 5) & 0x20))
		;
	outb(COM1, c);
}

static void say(const char *text)
{
	while (*text)
		put(*text++);
}

static char get(void)
{
	while (!(inb(COM1 + 5) & 0x01))
		;
	return inb(COM1);
}

static void power_off(void)
{
	outw(PM1_CONTROL, POWER_OFF);
}

static void halt(void)
{
	asm volatile("cli; hlt");
}

static void triple_fault(void)
{
	struct {
		uint16_t limit;
		uint32_t base;
	} __attribute__((packed)) idt = { 0, 0 };

	asm volatile("lidt %0; ud2" : : "m"(idt));
}

/* Exits all the time, so that an emulator can stop it, too. */
static void spin(void)
{
	for (;;)
		inb(COM1 + 5);
}

static void test_code(void)
{
	outb(0xf4, 0x10);
}

static void reset_cf9(void)
{
	outb(0xcf9, 0x06);
}

static void reset_kbc(void)
{
	outb(0x64, 0xfe);
}

static void reset_92(void)
{
	outb(0x92, 0x01);
}

/* 'r' resets, 'p' powers off, all else comes back. */
static void echo(void)
{
	outb(COM1 + 4, 0x03);
	for (;;) {
		char c = get();

		if (c == 'r')
			reset_cf9();
		if (c == 'p')
			power_off();
		put(c);
	}
}

static void wait_for_button(void)
{
	outw(PM1_ENABLE, POWER_BUTTON);
	say("ready\n");
	while (!(inw(PM1_STATUS) & POWER_BUTTON))
		;
	say("button\n");
	power_off();
}

static void ignore_button(void)
{
	outw(PM1_ENABLE, POWER_BUTTON);
	say("ready\n");
	spin();
}

/* More than any pipe or ring holds, by string output: few exits, many bytes. */
static void flood(void)
{
	static char line[1000];

	for (unsigned int i = 0; i < sizeof(line); i++)
		line[i] = 'a' + i % 26;
	for (unsigned int i = 0; i < 150; i++) {
		const char *from = line;
		uint32_t count = sizeof(line);

		asm volatile("rep outsb" : "+S"(from), "+c"(count) : "d"(COM1) : "memory");
	}
	say("\nend\n");
	power_off();
}

/* Nothing answers there; the guest must survive it and see ones. */
static void holes(void)
{
	uint32_t value;

	asm volatile("inl %1, %0" : "=a"(value) : "Nd"((uint16_t)0xcfc));
	say(value == 0xffffffff ? "port ones\n" : "port wrong\n");
	value = *(volatile uint32_t *)0xd0000000;
	say(value == 0xffffffff ? "memory ones\n" : "memory wrong\n");
	*(volatile uint32_t *)0xd0000000 = 1;
	power_off();
}

/* Reads an MSR nobody has, without an IDT: the #GP becomes a triple fault. */
static void bad_msr(void)
{
	asm volatile("rdmsr" : : "c"(0x12345678) : "eax", "edx");
	triple_fault();
}

static void modules(const struct multiboot *info)
{
	const uint32_t *module = (const uint32_t *)info->mods;

	for (uint32_t i = 0; i < info->mods_count; i++, module += 4)
		for (const char *at = (const char *)module[0]; at < (const char *)module[1]; at++)
			put(*at);
	power_off();
}

static const struct {
	const char *name;
	void (*run)(void);
} acts[] = {
	{ "code", test_code },
	{ "halt", halt },
	{ "triple", triple_fault },
	{ "cf9", reset_cf9 },
	{ "kbc", reset_kbc },
	{ "port92", reset_92 },
	{ "off", power_off },
	{ "spin", spin },
	{ "echo", echo },
	{ "button", wait_for_button },
	{ "nobutton", ignore_button },
	{ "flood", flood },
	{ "holes", holes },
	{ "msr", bad_msr },
};

static int is(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

void guest_main(uint32_t magic, const struct multiboot *info)
{
	const char *cmdline = (const char *)info->cmdline;

	if (magic != 0x2badb002)
		halt();
	say("guest: ");
	say(cmdline);
	put('\n');
	if (is(cmdline, "modules"))
		modules(info);
	for (unsigned int i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (is(cmdline, acts[i].name))
			acts[i].run();
	say("guest: no such act\n");
	halt();
}
