// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Keeps a VM of KVM open until it is killed, so that KVM keeps VMX on. */
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(void)
{
	int kvm = open("/dev/kvm", O_RDWR);

	if (kvm < 0 || ioctl(kvm, KVM_CREATE_VM, 0) < 0) {
		perror("kvm_hold");
		return 1;
	}
	for (;;)
		pause();
}
