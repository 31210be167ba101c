// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ticks COMMAND...: runs it and prints on standard error how many ticks of the
 * TSC passed from before its start to after its end. Status is the command's.
 */
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <x86intrin.h>

int main(int argc, char **argv)
{
	uint64_t begin = __rdtsc();
	int status = 0;
	pid_t child;

	if (argc < 2)
		return 2;
	child = fork();
	if (!child) {
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return 126;
	fprintf(stderr, "ticks %llu\n", (unsigned long long)(__rdtsc() - begin));
	return WIFEXITED(status) ? WEXITSTATUS(status) : 125;
}
