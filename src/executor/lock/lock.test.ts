import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ownIdentity, renderIdentity } from '../../linux/process-identity.ts'
import { poll } from '../delay.ts'
import { type LockHolder, type LockOptions, withProjectLock } from './lock.ts'

let folder: string
let child: ChildProcess | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tscompose-lock-'))
})

afterEach(() => {
  child?.kill('SIGKILL')
  child = undefined
  rmSync(folder, { recursive: true, force: true })
})

function options(more: Partial<LockOptions> = {}): LockOptions {
  return { folder: join(folder, 'projects'), project: 'lamp', command: 'tscompose up', ...more }
}

/** Another process that holds the project until it is killed. */
async function startHolder(): Promise<ChildProcess> {
  const lock = join(import.meta.dirname, 'lock.ts')
  const code = `import(${JSON.stringify(lock)}).then(({ withProjectLock }) =>
    withProjectLock(${JSON.stringify(options({ command: 'tscompose down' }))}, () => {
      console.log('held')
      return new Promise(resolve => setTimeout(resolve, 1e6))
    }))`
  const process_ = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  if (process_.stdout === null) throw new Error('no output')
  await once(process_.stdout, 'data')
  return process_
}

describe('the lock of a project', () => {
  it('lets one in after the other, first come, first served', async () => {
    const seen: string[] = []
    const work = (name: string) => async (): Promise<void> => {
      seen.push(`${name} in`)
      await poll(async () => (seen.length > 0 ? true : undefined), undefined)
      await Promise.resolve()
      seen.push(`${name} out`)
    }
    const names = ['a', 'b', 'c', 'd']
    await Promise.all(names.map(name => withProjectLock(options(), work(name))))
    expect(seen).toEqual(names.flatMap(name => [`${name} in`, `${name} out`]))
  })

  it('does not keep other projects waiting', async () => {
    const inner = withProjectLock(options(), () =>
      withProjectLock(options({ project: 'other' }), async () => 'in'),
    )
    expect(await inner).toBe('in')
  })

  it('is given back after a failure, and leaves nothing behind', async () => {
    const failing = withProjectLock(options(), async () => {
      throw new RangeError('no')
    })
    await expect(failing).rejects.toThrow(RangeError)
    expect(await withProjectLock(options(), async () => 'again')).toBe('again')
    expect(existsSync(join(folder, 'projects', 'lamp.lock'))).toBe(false)
  })

  it('says for whom one waits, and is freed by SIGKILL', async () => {
    child = await startHolder()
    const holders: LockHolder[] = []
    const onWait = (holder: LockHolder): void => {
      holders.push(holder)
      child?.kill('SIGKILL')
    }
    expect(await withProjectLock(options({ onWait }), async () => 'in')).toBe('in')
    expect(holders).toEqual([{ pid: child.pid, command: 'tscompose down' }])
  })

  it('tells of who typed the command, where another process works for him', async () => {
    const holders: LockHolder[] = []
    await withProjectLock(options({ pid: 1 }), async () => {
      const control = new AbortController()
      const onWait = (holder: LockHolder): void => {
        holders.push(holder)
        control.abort()
      }
      const waiting = withProjectLock(options({ signal: control.signal, onWait }), async () => 'in')
      await expect(waiting).rejects.toMatchObject({ code: 'INTERRUPTED' })
    })
    expect(holders).toEqual([{ pid: 1, command: 'tscompose up' }])
  })

  it('says so once to each of many that wait behind one another', async () => {
    const told = Array.from({ length: 4 }, (): number[] => [])
    // Long enough for those behind to look again while it is held.
    const hold = (): Promise<void> => setTimeout(300)
    const wait = (holders: number[]) =>
      withProjectLock(options({ onWait: ({ pid }) => void holders.push(pid) }), hold)
    await Promise.all(told.map(wait))
    expect(told.map(({ length }) => length)).toEqual([0, 1, 1, 1])
  })

  it('is not held by a process that only has the number of a dead one', async () => {
    const own = ownIdentity()
    const lock = join(folder, 'projects', 'lamp.lock')
    await withProjectLock(options(), async () => {
      const ghosts = [
        { ...own, startTime: 1n },
        { ...own, bootId: 'ffffffff-ffff-ffff-ffff-ffffffffffff' },
      ]
      for (const ghost of ghosts) {
        writeFileSync(join(lock, `ticket-1.${renderIdentity(ghost)}.9`), 'tscompose up')
        writeFileSync(join(lock, `choosing.${renderIdentity(ghost)}.9`), '')
      }
    })
    expect(await withProjectLock(options(), async () => readdirSync(lock).length)).toBe(1)
  })

  it('can be given up waiting for', async () => {
    const control = new AbortController()
    await withProjectLock(options(), async () => {
      const waiting = withProjectLock(
        options({ signal: control.signal, onWait: () => control.abort() }),
        async () => 'in',
      )
      await expect(waiting).rejects.toMatchObject({ code: 'INTERRUPTED' })
    })
    expect(existsSync(join(folder, 'projects', 'lamp.lock'))).toBe(false)
  })
})
