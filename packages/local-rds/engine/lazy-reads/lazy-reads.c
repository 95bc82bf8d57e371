/*
 * A disk whose blocks are loaded when they are first read, as that of an instance that RDS has restored: loaded before the C
 * library, it lets the first read of each 512 KiB of a table or an index wait, and no later one.
 *
 * The file ../lazy-reads (the server works in its data folder), shared by all processes of the server, says how long a block takes and
 * until when blocks are missing, and which of them were read since: a bit for each, found by a hash of file and place. Two blocks that
 * share a bit are loaded together.
 *
 * build.sh makes the libraries beside this file. Nothing of libc newer than 2.17 is used, so that they load anywhere.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 512 * 1024, BITS = 1 << 20 };

struct disk
{
	volatile uint64_t until_ms; /* since 1970; 0: every block is there */
	volatile uint64_t delay_us;
	uint8_t loaded[BITS / 8];
};

static struct disk *disk;

__attribute__((constructor)) static void watch(void)
{
	int fd = syscall(SYS_openat, AT_FDCWD, "../lazy-reads", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	void *memory = mmap(NULL, sizeof(struct disk), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory != MAP_FAILED)
		disk = memory;
	syscall(SYS_close, fd);
}

/* FNV-1a of the path of a table or an index; 0 for any other file. */
static uint64_t hash_of_table(int fd)
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
	if (!strstr(path, "/base/") || strstr(path, "/pgsql_tmp/"))
		return 0;
	uint64_t hash = 14695981039346656037u;
	for (int i = 0; i < length; i++)
		hash = (hash ^ (unsigned char) path[i]) * 1099511628211u;
	return hash;
}

static void load(int fd, off_t from, size_t count)
{
	if (!disk || disk->until_ms == 0 || count == 0)
		return;
	struct timespec now;
	syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
	if ((uint64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000 >= disk->until_ms)
		return;
	uint64_t file = hash_of_table(fd);
	if (file == 0)
		return;
	for (uint64_t block = from / BLOCK; block <= (from + count - 1) / BLOCK; block++)
	{
		uint64_t hash = (file ^ block) * 0x9e3779b97f4a7c15u;
		uint32_t bit = hash >> 44;
		uint8_t mask = 1 << (bit % 8);
		if (__atomic_fetch_or(&disk->loaded[bit / 8], mask, __ATOMIC_RELAXED) & mask)
			continue;
		struct timespec left = { disk->delay_us / 1000000, disk->delay_us % 1000000 * 1000 };
		while (syscall(SYS_nanosleep, &left, &left) != 0)
			;
	}
}

ssize_t pread64(int fd, void *bytes, size_t count, off_t offset)
{
	load(fd, offset, count);
	return syscall(SYS_pread64, fd, bytes, count, offset);
}

ssize_t pread(int fd, void *bytes, size_t count, off_t offset)
{
	return pread64(fd, bytes, count, offset);
}

ssize_t preadv64(int fd, const struct iovec *parts, int count, off_t offset)
{
	size_t total = 0;

	for (int i = 0; i < count; i++)
		total += parts[i].iov_len;
	load(fd, offset, total);
	return syscall(SYS_preadv, fd, parts, count, offset, 0);
}

ssize_t preadv(int fd, const struct iovec *parts, int count, off_t offset)
{
	return preadv64(fd, parts, count, offset);
}
