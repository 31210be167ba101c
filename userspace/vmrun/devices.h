/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The virtio devices of a run with their back ends: opened once, put into each
 * machine that the session builds, and closed at the end. So a guest's reset
 * neither closes an image nor ends a connection.
 */
#ifndef VMRUN_DEVICES_H
#define VMRUN_DEVICES_H

#include <libvmm.h>

#include "backend/chr.h"
#include "dev/pci.h"
#include "loop.h"
#include "opts.h"
#include "why.h"

struct devices;

/*
 * Open everything that @opts asks for; helper programs start here. @chr_ops:
 * key and broken are for the consoles; @loop delivers their input. NULL with
 * @why.
 */
struct devices *devices_open(const struct options *opts, struct loop *loop,
			     const struct chr_ops *chr_ops, struct why *why);
void devices_close(struct devices *devices);

/* Start the devices' threads; once, after anything that must come before threads. */
int devices_start(struct devices *devices, struct why *why);

/*
 * Put the devices on @pci, in the order disks, networks, consoles, entropy,
 * shares. No vCPU runs. @vm: for kicks that need no exit. 0, or -1 with @why.
 */
int devices_attach(struct devices *devices, struct pci *pci, const struct vmm_ram *ram, int vm,
		   struct why *why);

/* Before memory, bus or VM go; no vCPU runs. Harmless if not attached. */
void devices_detach(struct devices *devices);

/* Wait up to @ms until the consoles' output is out. */
void devices_flush(struct devices *devices, unsigned int ms);

#endif /* VMRUN_DEVICES_H */
