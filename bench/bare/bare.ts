import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Seconds that the kernel alone took for containers, all of them together. */
export interface Bare {
  readonly up: number
  readonly down: number
}

/**
 * Builds bare/container.c into `state` and returns what runs it, on the file system of `state`; undefined, with the reason said, where there is
 * no compiler.
 */
export function prepareBare(state: string): ((count: number) => Bare) | undefined {
  const program = join(state, 'bare-container')
  const built = spawnSync(
    'cc',
    ['-O2', '-Wall', '-Wextra', '-Werror', '-o', program, resolve('bench/bare/container.c')],
    { encoding: 'utf8' },
  )
  if (built.status !== 0) {
    console.log(`the kernel alone is not measured: ${built.error?.message ?? built.stderr}\n`)
    return undefined
  }
  const rootfs = join(state, 'bare-rootfs')
  mkdirSync(join(rootfs, 'bin'), { recursive: true })
  copyFileSync(existsSync('/bin/busybox') ? '/bin/busybox' : '/usr/bin/busybox', join(rootfs, 'bin/busybox'))
  return count => runBare(program, rootfs, state, count)
}

function runBare(program: string, rootfs: string, state: string, count: number): Bare {
  const scratch = mkdtempSync(join(state, 'bare-'))
  try {
    const { status, stdout, stderr } = spawnSync(program, [String(count), rootfs, scratch], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`bare/container.c: ${stderr}`)
    return JSON.parse(stdout)
  } finally {
    rmSync(scratch, { recursive: true })
  }
}
