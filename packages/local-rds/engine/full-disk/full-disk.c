/*
 * A disk that is full for one PostgreSQL server, without a file system of its own, without root, and switched on and off
 * while the server runs: loaded before the C library, it answers ENOSPC where a write would make a file longer.
 * PostgreSQL then says by itself what it says on a full disk.
 *
 * The first byte of the file ../full-disk (the server works in its data folder) says what is full:
 * bit 0: files of tables and indexes, and temporary files; bit 1: new segments in the archive. The WAL keeps its room, or the
 * server would stop as a whole.
 *
 * build.sh makes the libraries beside this file. Nothing of libc newer than 2.17 is used, so that they load anywhere.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { DATA = 1, ARCHIVE = 2 };

static const volatile unsigned char *full;

__attribute__((constructor)) static void watch(void)
{
	int fd = syscall(SYS_openat, AT_FDCWD, "../full-disk", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	void *page = mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0);
	if (page != MAP_FAILED)
		full = page;
	syscall(SYS_close, fd);
}

/* Whether the file behind a descriptor lies where there is no room. */
static int is_on_full_disk(int fd)
{
	char link[32] = "/proc/self/fd/";
	char path[4096];
	char digits[12];
	int count = 0;
	int at = strlen(link);
	int number = fd;

	do
		digits[count++] = '0' + number % 10;
	while ((number /= 10) > 0);
	while (count > 0)
		link[at++] = digits[--count];
	link[at] = 0;
	long length = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
	if (length < 0)
		return 0;
	path[length] = 0;
	return ((*full & DATA) && strstr(path, "/base/")) || ((*full & ARCHIVE) && strstr(path, "/archtemp."));
}

static int has_no_room(int fd, off_t end)
{
	if (!full || !*full)
		return 0;
	/* lseek is the one way to learn a size whose arguments are the same on every machine. */
	off_t here = syscall(SYS_lseek, fd, 0, SEEK_CUR);
	if (here < 0)
		return 0;
	off_t size = syscall(SYS_lseek, fd, 0, SEEK_END);
	syscall(SYS_lseek, fd, here, SEEK_SET);
	return end > size && is_on_full_disk(fd);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t offset)
{
	if (has_no_room(fd, offset + (off_t) count))
	{
		errno = ENOSPC;
		return -1;
	}
	return syscall(SYS_pwrite64, fd, bytes, count, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset)
{
	return pwrite64(fd, bytes, count, offset);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t offset)
{
	off_t end = offset;

	for (int i = 0; i < count; i++)
		end += parts[i].iov_len;
	if (has_no_room(fd, end))
	{
		errno = ENOSPC;
		return -1;
	}
	return syscall(SYS_pwritev, fd, parts, count, offset, 0);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset)
{
	return pwritev64(fd, parts, count, offset);
}

ssize_t write(int fd, const void *bytes, size_t count)
{
	if (full && *full)
	{
		off_t here = syscall(SYS_lseek, fd, 0, SEEK_CUR);

		if (here >= 0 && has_no_room(fd, here + (off_t) count))
		{
			errno = ENOSPC;
			return -1;
		}
	}
	return syscall(SYS_write, fd, bytes, count);
}

int posix_fallocate64(int fd, off_t offset, off_t length)
{
	if (has_no_room(fd, offset + length))
		return ENOSPC;
	return syscall(SYS_fallocate, fd, 0, offset, length) == 0 ? 0 : errno;
}

int posix_fallocate(int fd, off_t offset, off_t length)
{
	return posix_fallocate64(fd, offset, length);
}
