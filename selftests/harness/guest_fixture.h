/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * GUEST_FIXTURE(name, cpus): a fixture that is a guest, self->guest, with
 * self->cpu its first vCPU. Includes the test harness.
 */
#ifndef GUEST_FIXTURE_H
#define GUEST_FIXTURE_H

#include "kselftest_harness.h"
#include "guest_code.h"
#include "in_guest.h"

#define GUEST_FIXTURE(name, cpus)						\
	FIXTURE(name) {								\
		struct guest guest;						\
		struct guest_cpu *cpu;						\
		struct vmm_run *run;						\
	};									\
	FIXTURE_SETUP(name)							\
	{									\
		ASSERT_EQ(0, guest_create(&self->guest, cpus));			\
		self->cpu = &self->guest.cpu[0];				\
		self->run = self->cpu->run;					\
	}									\
	FIXTURE_TEARDOWN(name)							\
	{									\
		guest_destroy(&self->guest);					\
	}

/* The guest runs @entry(@arg) to its g_done(). */
#define ASSERT_GUEST(entry, arg)	\
	ASSERT_EQ(GUEST_DONE, guest_call(&self->guest, entry, arg))		\
		guest_show(self->cpu)
/* It goes on to its next exit, which is @exit. */
#define ASSERT_EXIT(exit)		\
	ASSERT_EQ(exit, guest_run(self->cpu))					\
		guest_show(self->cpu)

#endif /* GUEST_FIXTURE_H */
