// Fault injection by strace: whatever system call fails, the payload has not run, and nothing is left on the host.
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createNative, findNative } from '../../../src/native/index.ts'
import { program, requires } from '../../requires.ts'
import { NativeLab } from './native-lab.ts'

const CALLS = [
  'fsopen',
  'fsconfig',
  'fsmount',
  'move_mount',
  'open_tree',
  'mount_setattr',
  'openat2',
  'pivot_root',
  'umount2',
  'setns',
  'unshare',
  'clone3',
  'capset',
  'prctl',
  'seccomp',
  'sethostname',
  'setresuid',
  'setgroups',
  'mount',
  'close_range',
  'setsid',
  'keyctl',
  'fchdir',
  'mknodat',
  'dup2',
  'sendfile',
  'unlinkat',
  'execveat',
]
/** Positions of each call that are tried; past the last one there is nothing to inject. */
const POSITIONS = [1, 2, 4]

interface Outcome {
  readonly injected: boolean
  readonly marker: boolean
  readonly mounts: readonly string[]
}

/** Whether a trace shows a fault before the payload was executed: what comes later is the payload's own affair. */
function injectedBeforePayload(trace: string): boolean {
  const at = trace.search(/INJECTED|killed by SIGKILL/)
  return at >= 0 && !/execve\("\/bin\/sh".* = 0/.test(trace.slice(0, at))
}

/** Runs a container that leaves a marker, with one call of one kind made to fail or to kill. */
async function inject(call: string, position: number, fault: string): Promise<Outcome> {
  const lab = new NativeLab()
  try {
    const wrapper = lab.path('native')
    const trace = lab.path('trace')
    const options = `-f -qq -o ${trace} -e trace=${call},execve -e inject=${call}:${fault}:when=${position}`
    writeFileSync(wrapper, `#!/bin/sh\nexec strace ${options} ${findNative()} "$@"\n`)
    chmodSync(wrapper, 0o755)
    const program = lab.program({ argv: ['sh', '-c', 'echo ran > /marker'] })
    const native = createNative({ path: wrapper })
    await native.runForeground(program, { onOutput: () => undefined }).catch(() => undefined)
    return {
      injected: injectedBeforePayload(existsSync(trace) ? readFileSync(trace, 'utf8') : ''),
      marker: existsSync(lab.path('container/upper/marker')),
      mounts: lab.mounts(),
    }
  } finally {
    await lab.close()
  }
}

requires(program('strace')).describe('with faults injected', () => {
  test.each(CALLS)('%s that fails never lets the payload run', async call => {
    for (const position of POSITIONS) {
      const { injected, marker, mounts } = await inject(call, position, 'error=ENOSPC')
      expect(mounts).toEqual([])
      expect(marker, `${call} #${position}`).toBe(!injected)
      if (!injected) break
    }
  })

  test.each([
    'fsmount',
    'move_mount',
    'mount_setattr',
    'pivot_root',
    'clone3',
  ])('killed at %s it leaves no mount', async call => {
    const { injected, marker, mounts } = await inject(call, 1, 'signal=SIGKILL')
    expect([injected, marker, mounts]).toEqual([true, false, []])
  })
})
