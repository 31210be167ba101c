/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Device nodes /dev/vmm/<name>: a way to the object behind an anonymous fd for
 * another process of the same user.
 */
#ifndef VM_NODE_H
#define VM_NODE_H

#include <linux/fs.h>
#include <linux/uidgid.h>

struct vm_node;

/*
 * A node of mode 0600 for @uid. Opening it calls @hold(@object), which takes
 * the reference that @fops->release drops, or says false: the object is going;
 * from then on the file is one of @fops with @object as its private data.
 * Context: process, may sleep; no lock that @hold takes. ERR_PTR: -ENOSPC too
 * many nodes, -ENOMEM.
 */
struct vm_node *vm_node_create(const char *name, kuid_t uid, const struct file_operations *fops,
			 void *object, bool (*hold)(void *object));

/*
 * The node vanishes; once this returns @hold will not be called again. Files
 * that are open stay. Context: as above. @node may be NULL.
 */
void vm_node_destroy(struct vm_node *node);

int vm_node_init(void);
void vm_node_fini(void);

#endif /* VM_NODE_H */
