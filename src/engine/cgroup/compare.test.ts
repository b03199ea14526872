import { describe, expect, test } from 'vitest'
import { valueDrift, within } from './compare.ts'

const same = (file: string, value: string, text: string): boolean =>
  valueDrift({ file, value }, text) === undefined

describe('what a control file says', () => {
  test.each([
    ['memory.max', '67108865', '67108864\n'],
    ['memory.limit_in_bytes', '-1', '9223372036854771712\n'],
    ['memory.swap.max', 'max', 'max\n'],
    ['memory.oom_control', '1', 'oom_kill_disable 1\nunder_oom 0\noom_kill 0\n'],
    ['cpu.max', '50000 100000', '50000 100000\n'],
    ['cpu.max', 'max 100000', 'max 50000\n'],
    ['cpu.shares', '1', '2\n'],
    ['cpu.shares', '1000000', '262144\n'],
    ['cpuset.cpus', '0,1,2', '0-2\n'],
    ['io.max', '8:0 rbps=1000', '8:0 rbps=1000 wbps=max riops=max wiops=max\n'],
    ['io.weight', 'default 500', 'default 500\n8:0 100\n'],
    ['io.weight', '8:0 100', 'default 500\n8:0 100\n'],
    ['blkio.throttle.read_bps_device', '8:0 1000', '8:16 7\n8:0 1000\n'],
    ['pids.max', '4096', '4096\n'],
  ])('%s: what was written as %s is the same as %j', (file, value, text) => {
    expect(same(file, value, text)).toBe(true)
  })

  test.each([
    ['memory.max', '67108864', '67112960\n'],
    ['memory.max', '67108864', 'max\n'],
    ['memory.swappiness', '60', '61\n'],
    ['memory.oom_control', '1', 'oom_kill_disable 0\nunder_oom 0\n'],
    ['cpu.max', 'max 100000', '1000 100000\n'],
    ['cpu.shares', '1024', '2\n'],
    ['cpuset.cpus', '0-1', '0\n'],
    ['io.max', '8:0 rbps=1000', '8:0 rbps=max wbps=7 riops=max wiops=max\n'],
    ['io.max', '8:0 rbps=1000', ''],
    ['blkio.throttle.read_bps_device', '8:0 1000', '8:0 2000\n'],
    ['pids.max', '4096', 'max\n'],
  ])('%s: what was written as %s is another thing than %j', (file, value, text) => {
    expect(same(file, value, text)).toBe(false)
  })
})

test('a set of processors is held against those that the machine still has', () => {
  expect(within('0-3', '0-1')).toBe('0,1')
})
