/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A fixture that is a guest: self->guest, with self->cpu its first vCPU and
 * self->run that one's run page. Includes the test harness.
 *
 *	#define GUEST_NAME	halt		the fixture's name
 *	#define GUEST_VCPUS	1
 *	#include "guest_fixture.h"
 *
 * Without GUEST_NAME the test makes its own fixture.
 */
#ifndef GUEST_FIXTURE_H
#define GUEST_FIXTURE_H

#include "kselftest_harness.h"
#include "guest_code.h"
#include "in_guest.h"

/* The guest runs @entry(@arg) to its g_done(). */
#define ASSERT_GUEST(entry, arg)	\
	ASSERT_EQ(GUEST_DONE, guest_call(&self->guest, entry, arg))		\
		guest_show(self->cpu)
/* It goes on to its next exit, which is @exit. */
#define ASSERT_EXIT(exit)		\
	ASSERT_EQ(exit, guest_run(self->cpu))					\
		guest_show(self->cpu)

#ifdef GUEST_NAME

/* So that the harness sees what GUEST_NAME stands for. */
#define GUEST_FIXTURE(name)		FIXTURE(name)
#define GUEST_FIXTURE_SETUP(name)	FIXTURE_SETUP(name)
#define GUEST_FIXTURE_TEARDOWN(name)	FIXTURE_TEARDOWN(name)

GUEST_FIXTURE(GUEST_NAME) {
	struct guest guest;
	struct guest_cpu *cpu;
	struct vmm_run *run;
};

GUEST_FIXTURE_SETUP(GUEST_NAME)
{
	ASSERT_EQ(0, guest_create(&self->guest, GUEST_VCPUS));
	self->cpu = &self->guest.cpu[0];
	self->run = self->cpu->run;
}

GUEST_FIXTURE_TEARDOWN(GUEST_NAME)
{
	guest_destroy(&self->guest);
}

#endif /* GUEST_NAME */

#endif /* GUEST_FIXTURE_H */
