/* Prints the serial number of the session keyring that this process has; without the right to ask, the errno as `-<number>`. */
#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#define GET_ID 0
#define SESSION (-3)

int main(void)
{
	long id = syscall(SYS_keyctl, GET_ID, SESSION, 0);
	printf("%ld\n", id < 0 ? -(long)errno : id);
	return 0;
}
