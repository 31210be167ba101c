// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Device nodes. One struct vm_node is one character device, freed by the driver
 * core when the last open of it has ended; the object behind it may go before.
 */
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/idr.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include "compat.h"
#include "vm_node.h"

#define NODES	4096

struct vm_node {
	struct device dev;
	struct cdev cdev;
	kuid_t uid;
	const struct file_operations *fops;
	void *object;			/* node_lock; NULL: gone */
	bool (*hold)(void *object);
};

static dev_t node_first;
static DEFINE_IDA(node_minors);
/* Leaf: an object that is being opened, against its going. */
static DEFINE_MUTEX(node_lock);

static struct class node_class = {
	.name = "vmm",
};

static char *node_path(vmm_devnode_t dev, umode_t *mode, kuid_t *uid, kgid_t *gid)
{
	struct vm_node *node = container_of(dev, struct vm_node, dev);

	if (mode)
		*mode = 0600;
	if (uid)
		*uid = node->uid;
	return kasprintf(GFP_KERNEL, "vmm/%s", dev_name(dev));
}

static const struct device_type node_type = {
	.name = "vmm",
	.devnode = node_path,
};

static void node_free(struct device *dev)
{
	ida_free(&node_minors, MINOR(dev->devt) - MINOR(node_first));
	kfree(container_of(dev, struct vm_node, dev));
}

static int node_open(struct inode *inode, struct file *file)
{
	struct vm_node *node = container_of(inode->i_cdev, struct vm_node, cdev);
	void *object;

	mutex_lock(&node_lock);
	object = node->object;
	if (object && !node->hold(object))
		object = NULL;
	mutex_unlock(&node_lock);
	if (!object)
		return -ENXIO;
	file->private_data = object;
	/* Cannot fail: the inode's reference to the module is still there. */
	replace_fops(file, fops_get(node->fops));
	return 0;
}

static const struct file_operations node_fops = {
	.owner = THIS_MODULE,
	.open = node_open,
	.llseek = noop_llseek,
};

struct vm_node *vm_node_create(const char *name, kuid_t uid, const struct file_operations *fops,
			 void *object, bool (*hold)(void *object))
{
	struct vm_node *node = kzalloc(sizeof(*node), GFP_KERNEL_ACCOUNT);
	int minor, error;

	if (!node)
		return ERR_PTR(-ENOMEM);
	minor = ida_alloc_max(&node_minors, NODES - 1, GFP_KERNEL);
	if (minor < 0) {
		kfree(node);
		return ERR_PTR(minor);
	}
	node->uid = uid;
	node->fops = fops;
	node->object = object;
	node->hold = hold;
	device_initialize(&node->dev);
	node->dev.class = &node_class;
	node->dev.type = &node_type;
	node->dev.devt = MKDEV(MAJOR(node_first), MINOR(node_first) + minor);
	node->dev.release = node_free;
	cdev_init(&node->cdev, &node_fops);
	node->cdev.owner = THIS_MODULE;
	error = dev_set_name(&node->dev, "%s", name);
	if (!error)
		error = cdev_device_add(&node->cdev, &node->dev);
	if (error) {
		put_device(&node->dev);
		return ERR_PTR(error);
	}
	return node;
}

void vm_node_destroy(struct vm_node *node)
{
	if (!node)
		return;
	cdev_device_del(&node->cdev, &node->dev);
	mutex_lock(&node_lock);
	node->object = NULL;
	mutex_unlock(&node_lock);
	put_device(&node->dev);
}

int vm_node_init(void)
{
	int error = alloc_chrdev_region(&node_first, 0, NODES, "vmm");

	if (error)
		return error;
	error = class_register(&node_class);
	if (error)
		unregister_chrdev_region(node_first, NODES);
	return error;
}

void vm_node_fini(void)
{
	class_unregister(&node_class);
	unregister_chrdev_region(node_first, NODES);
	ida_destroy(&node_minors);
}
