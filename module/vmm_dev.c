// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Files: the control node, and the anonymous inodes of VMs and vCPUs.
 *
 * A VM fd and a vCPU fd each hold one reference to the VM. The run page is
 * mapped page by page through a fault handler, so it needs no VM flags and
 * dies with the mapping.
 */
#include <linux/anon_inodes.h>
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include "vmm.h"

static struct dentry *vmm_debugfs;

static int vm_release(struct inode *inode, struct file *file)
{
	vm_put(file->private_data);
	return 0;
}

static int vcpu_release(struct inode *inode, struct file *file)
{
	struct vcpu *vcpu = file->private_data;
	struct vm *vm = vcpu->vm;

	/* It will never run again: nobody need wait for it. */
	atomic64_andnot(BIT_ULL(vcpu->id), &vm->active);
	wake_up_all(&vm->suspend_wq);
	vm_put(vm);
	return 0;
}

static vm_fault_t run_page_fault(struct vm_fault *vmf)
{
	struct vcpu *vcpu = vmf->vma->vm_file->private_data;

	if (vmf->pgoff)
		return VM_FAULT_SIGBUS;
	vmf->page = virt_to_page(vcpu->run);
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct run_page_ops = {
	.fault = run_page_fault,
};

static int vcpu_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (!(vma->vm_flags & VM_SHARED) || (vma->vm_flags & VM_EXEC))
		return -EINVAL;
	if (vma->vm_pgoff || vma->vm_end - vma->vm_start != VMM_RUN_SIZE)
		return -EINVAL;
	vma->vm_ops = &run_page_ops;
	return 0;
}

const struct file_operations vmm_ctl_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = vmm_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

const struct file_operations vmm_vm_fops = {
	.owner = THIS_MODULE,
	.release = vm_release,
	.unlocked_ioctl = vmm_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = noop_llseek,
};

const struct file_operations vmm_vcpu_fops = {
	.owner = THIS_MODULE,
	.release = vcpu_release,
	.unlocked_ioctl = vmm_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = vcpu_mmap,
	.llseek = noop_llseek,
};

static struct miscdevice vmm_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "vmmctl",
	.mode = 0660,
	.fops = &vmm_ctl_fops,
};

/* debugfs vmm/objects: what is alive, for leak checks. */
static int objects_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "vms %d\n", atomic_read(&vmm_vm_count));
	seq_printf(m, "vcpus %d\n", atomic_read(&vmm_vcpu_count));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(objects);

int vmm_dev_init(void)
{
	int error = misc_register(&vmm_misc);

	if (error)
		return error;
	vmm_debugfs = debugfs_create_dir("vmm", NULL);
	debugfs_create_file("objects", 0444, vmm_debugfs, NULL, &objects_fops);
	return 0;
}

void vmm_dev_fini(void)
{
	debugfs_remove_recursive(vmm_debugfs);
	misc_deregister(&vmm_misc);
}
