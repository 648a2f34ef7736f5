/* SPDX-License-Identifier: MIT */
/* The init of the test image: runs the programs named in /etc/tests one by one; its status is the
 * result. */
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

int main(void)
{
	FILE *list = fopen("/etc/tests", "r");
	char path[128];
	int failed = list == NULL;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while (list != NULL && fgets(path, sizeof(path), list) != NULL) {
		char *argv[] = {path, NULL};
		char *environment[] = {"TEST=1", NULL};
		int status = -1;
		pid_t pid;

		path[strcspn(path, "\n")] = 0;
		if (posix_spawn(&pid, path, NULL, NULL, argv, environment) == 0)
			waitpid(pid, &status, 0);
		printf("%s: status %d\n", path, status);
		failed += status != 0;
	}
	return failed != 0;
}
