/** Errno numbers that our operations are fine with (asm-generic/errno-base.h). */
export const ERRNO = { ENOENT: 2, ESRCH: 3, EEXIST: 17, ENODEV: 19, EAFNOSUPPORT: 97 } as const
