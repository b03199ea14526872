import { getSystemErrorMap } from 'node:util'

/** Errno numbers that our operations are fine with (asm-generic/errno-base.h). */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EACCES: 13,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  EROFS: 30,
  EOPNOTSUPP: 95,
  EAFNOSUPPORT: 97,
} as const

const ERRNOS: ReadonlyMap<number, [string, string]> = getSystemErrorMap()

/** Name and words of a positive errno. */
export function errnoText(errno: number): { readonly name: string; readonly words: string } {
  const [name, words] = ERRNOS.get(-errno) ?? [`errno ${errno}`, `error ${errno}`]
  return { name, words }
}
