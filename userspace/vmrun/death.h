/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a vCPU was doing, told to a person: registers, code, page walks, last
 * exits. Printed when a guest dies, and on request while it lives.
 *
 * Call from the vCPU's own thread, outside of vmm_run().
 */
#ifndef VMRUN_DEATH_H
#define VMRUN_DEATH_H

struct vcpu;

/* @what: the cause as a clause. Adds what the run page says about it. */
void death_report(struct vcpu *vcpu, const char *what);

/* The state alone. */
void death_state(struct vcpu *vcpu);

#endif /* VMRUN_DEATH_H */
