// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Exceptions and interrupts inside the guest: called by the stubs.
 */
#include "guest_code.h"

guest_handler guest_handlers[256];
volatile uint32_t guest_counts[256];
volatile uint64_t guest_error;

struct fixup {
	uint64_t from;
	uint64_t to;
};

/* Made by the linker from the section's name; absent without a G_TRY(). */
extern const struct fixup __start_guest_fixups[] __attribute__((weak));
extern const struct fixup __stop_guest_fixups[] __attribute__((weak));

static bool fix_up(struct guest_frame *frame)
{
	const struct fixup *fixup;

	for (fixup = __start_guest_fixups; fixup < __stop_guest_fixups; fixup++) {
		if (frame->rip != fixup->from)
			continue;
		guest_error = frame->error;
		frame->r11 = G_FAULTED | frame->vector;
		frame->rip = fixup->to;
		return true;
	}
	return false;
}

void guest_trap(struct guest_frame *frame);
void guest_trap(struct guest_frame *frame)
{
	__atomic_fetch_add(&guest_counts[frame->vector], 1, __ATOMIC_SEQ_CST);
	if (guest_handlers[frame->vector]) {
		guest_handlers[frame->vector](frame);
		return;
	}
	if (frame->vector < 32 && fix_up(frame))
		return;
	asm volatile("out %%al, $" GUEST_STR(GUEST_PORT_DIED) : : "b"(frame) : "memory");
	for (;;)
		asm volatile("cli; hlt");
}
