import { describe, expect, it, vi } from 'vitest'
import { codeOfThrown } from '../runtime/thrown.test-support.ts'
import { MemoryCgroups } from './memory-filesystem.test-support.ts'
import { openCgroups } from './open.ts'

const ID = 'c'.repeat(64)
const ROOT = '/sys/fs/cgroup'

const HYBRID = `31 23 0:28 / ${ROOT} rw - tmpfs tmpfs rw
32 31 0:29 / ${ROOT}/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct
33 31 0:30 / ${ROOT}/cpuset rw,relatime - cgroup cgroup rw,cpuset
34 31 0:31 / ${ROOT}/memory rw,relatime - cgroup cgroup rw,memory
35 31 0:32 / ${ROOT}/pids rw,relatime - cgroup cgroup rw,pids
36 31 0:33 / ${ROOT}/freezer rw,relatime - cgroup cgroup rw,freezer
37 31 0:34 / ${ROOT}/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd
38 31 0:35 / ${ROOT}/unified rw,relatime - cgroup2 cgroup2 rw,nsdelegate`
const PURE = `31 23 0:28 / ${ROOT} rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot`

function hybrid() {
  const files = new MemoryCgroups(path => {
    const controller = path.slice(ROOT.length + 1).split('/')[0] ?? ''
    const common = { 'cgroup.procs': '' }
    if (controller === 'memory')
      return {
        ...common,
        'memory.limit_in_bytes': '',
        'memory.memsw.limit_in_bytes': '9223372036854771712',
        'memory.soft_limit_in_bytes': '',
        'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n',
      }
    if (controller === 'cpuset') {
      const mounted = path === `${ROOT}/cpuset`
      return {
        ...common,
        'cpuset.cpus': mounted ? '0-1\n' : '',
        'cpuset.mems': mounted ? '0\n' : '',
        'cgroup.clone_children': '0',
      }
    }
    if (controller === 'cpu,cpuacct')
      return {
        ...common,
        'cpu.shares': '',
        'cpu.cfs_quota_us': '',
        'cpu.cfs_period_us': '',
        'cpu.rt_runtime_us': '0',
        'cpu.rt_period_us': '1000000',
      }
    if (controller === 'pids') return { ...common, 'pids.max': '', 'pids.current': '7' }
    if (controller === 'freezer') return { ...common, 'freezer.state': 'THAWED\n' }
    if (controller === 'unified')
      return { ...common, 'cgroup.kill': '', 'cgroup.freeze': '', 'cgroup.events': 'frozen 0\n' }
    return common
  })
  for (const name of ['cpu,cpuacct', 'cpuset', 'memory', 'pids', 'freezer', 'systemd', 'unified'])
    files.add(`${ROOT}/${name}`)
  files.texts.set('/proc/self/cgroup', '5:freezer:/\n0::/\n')
  return { files, groups: openCgroups({ engineId: 'abc123', mountinfo: HYBRID, files }) }
}

function pure(available = 'cpuset cpu io memory hugetlb pids rdma misc') {
  const files = new MemoryCgroups(path => ({
    'cgroup.controllers': available,
    'cgroup.subtree_control': '',
    'cgroup.procs': '12\n34\n',
    ...(path.endsWith(ID)
      ? {
          'memory.max': 'max',
          'memory.swap.max': 'max',
          'memory.events': 'low 0\noom_kill 2\n',
          'memory.current': '1048576',
          'pids.max': 'max',
          'cpu.max': '',
          'cpu.weight': '',
          'io.weight': '',
          'io.max': '',
          'io.stat': '8:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n',
          'cgroup.kill': '',
        }
      : {}),
  }))
  files.add(ROOT)
  return { files, groups: openCgroups({ engineId: '', mountinfo: PURE, files }) }
}

describe('control groups on a hybrid host', () => {
  it('must have one group in each hierarchy and in the v2 tree', () => {
    const { groups } = hybrid()
    expect(groups.version).toBe(1)
    expect(groups.warnings).toEqual([])
    expect(groups.pathsOf(ID)).toEqual({
      v1: Object.fromEntries(
        ['cpu,cpuacct', 'cpuset', 'memory', 'pids', 'freezer', 'name=systemd'].map(key => [
          key,
          `${ROOT}/${key.replace('name=', '')}/tscompose-abc123/${ID}`,
        ]),
      ),
      unified: `${ROOT}/unified/tscompose-abc123/${ID}`,
      oomCounter: `${ROOT}/memory/tscompose-abc123/${ID}/memory.oom_control`,
    })
  })

  it('must give a new cpuset the CPUs of its parent before anybody enters', () => {
    const { groups, files } = hybrid()
    groups.ensure(ID, {})
    const parent = `${ROOT}/cpuset/tscompose-abc123`
    expect(files.writes.filter(write => write.startsWith(parent)).slice(-3)).toEqual([
      `${parent}/cpuset.cpus 0-1`,
      `${parent}/cpuset.mems 0`,
      `${parent}/cgroup.clone_children 1`,
    ])
  })

  it('must keep its own folders from the first group on, and not longer than it is open', async () => {
    const { groups, files } = hybrid()
    const own = () => files.folders(`${ROOT}/memory`)
    expect(own()).not.toContain('tscompose-abc123')
    groups.ensure(ID, {})
    await groups.remove(ID)
    expect(own()).toContain('tscompose-abc123')
    groups.close()
    expect(own()).not.toContain('tscompose-abc123')
  })

  it('must go through all hierarchies where a removal was cut off in the middle, and through none where it was not', async () => {
    const { groups, files } = hybrid()
    groups.ensure(ID, {})
    const refused = `${ROOT}/memory/tscompose-abc123/${ID}`
    files.refusals.set(refused, 'EIO')
    await expect(groups.remove(ID)).rejects.toThrow()
    files.refusals.delete(refused)
    await groups.remove(ID)
    expect(groups.list()).toEqual([])
    files.refusals.set(refused, 'EIO')
    await groups.remove(ID)
  })

  it('must have nobody killed where nobody is left, and those who are where somebody is', async () => {
    const { groups, files } = hybrid()
    const kill = `${ROOT}/unified/tscompose-abc123/${ID}/cgroup.kill 1`
    groups.ensure(ID, {})
    files.writes.length = 0
    await groups.remove(ID)
    expect(files.writes).toEqual([])
    groups.ensure(ID, {})
    const busy = `${ROOT}/memory/tscompose-abc123/${ID}`
    files.refusals.set(busy, 'EBUSY')
    const removed = groups.remove(ID)
    await vi.waitFor(() => expect(files.writes).toContain(kill))
    files.refusals.delete(busy)
    await removed
    expect(groups.list()).toEqual([])
  })

  it('must limit processes by default, and nothing else', () => {
    const { groups, files } = hybrid()
    files.writes.length = 0
    expect(groups.ensure(ID, {})).toEqual([])
    expect(files.writes.filter(write => write.includes(ID))).toEqual([
      `${ROOT}/pids/tscompose-abc123/${ID}/pids.max 4096`,
    ])
    groups.update(ID, { pids: -1 })
    expect(files.writes.at(-1)).toMatch(/pids.max max$/)
  })

  it('must write memory and swap in the order that the kernel accepts', () => {
    const { groups, files } = hybrid()
    groups.ensure(ID, { memory: 1000 })
    const memory = `${ROOT}/memory/tscompose-abc123/${ID}`
    const last = () => files.writes.filter(write => write.startsWith(memory)).slice(-2)
    expect(last()).toEqual([
      `${memory}/memory.limit_in_bytes 1000`,
      `${memory}/memory.memsw.limit_in_bytes 2000`,
    ])
    groups.update(ID, { memory: 5000, memorySwap: 6000 })
    expect(last()).toEqual([
      `${memory}/memory.memsw.limit_in_bytes 6000`,
      `${memory}/memory.limit_in_bytes 5000`,
    ])
  })

  it('must turn CPUs into a quota', () => {
    const { groups, files } = hybrid()
    groups.ensure(ID, { nanoCpus: 1_500_000_000, cpuShares: 512 })
    const cpu = `${ROOT}/cpu,cpuacct/tscompose-abc123/${ID}`
    expect(files.writes.filter(write => write.startsWith(cpu))).toEqual([
      `${cpu}/cpu.shares 512`,
      `${cpu}/cpu.cfs_period_us 100000`,
      `${cpu}/cpu.cfs_quota_us 150000`,
    ])
  })

  it('must warn of a limit that this kernel has no file for, and fail for a value that it refuses', () => {
    const { groups, files } = hybrid()
    expect(groups.ensure(ID, { blkioWeight: 500 })).toHaveLength(1)
    files.refusals.set(`${ROOT}/pids/tscompose-abc123/${ID}/pids.max`, 'EINVAL')
    expect(codeOfThrown(() => groups.update(ID, { pids: 5 }))).toBe('LIMIT_REFUSED')
  })

  it('must say beforehand what will be lost', () => {
    const { groups } = hybrid()
    const limits = { memory: 1 << 26, nanoCpus: 1e9, pids: 5, blkioWeight: 500 }
    const [told, ...others] = groups.lost(limits)
    expect(told).toContain('blkio.weight')
    expect(others).toEqual([])
    expect(groups.ensure(ID, limits)).toEqual([told])
    expect(groups.lost({})).toEqual([])
  })

  it('must do without hierarchies that cannot be written, and name what is lost', () => {
    const { files } = hybrid()
    files.refusals.set(`${ROOT}/memory/tscompose-abc123`, 'EROFS')
    const groups = openCgroups({ engineId: 'abc123', mountinfo: HYBRID, files })
    expect(groups.warnings.join()).toMatch(/EROFS.*memory/)
    expect(groups.pathsOf(ID).oomCounter).toBeUndefined()
    expect(groups.ensure(ID, { memory: 1000 }).length).toBeGreaterThan(0)
  })

  it('must leave nothing behind', async () => {
    const { groups, files } = hybrid()
    const ours = () => [...files.directories].filter(path => path.includes('tscompose'))
    expect(ours()).toEqual([])
    groups.ensure(ID, {})
    groups.ensure('d'.repeat(64), {})
    expect(groups.list()).toEqual([ID, 'd'.repeat(64)])
    await groups.remove(ID)
    expect(groups.list()).toEqual(['d'.repeat(64)])
    await groups.remove('d'.repeat(64))
    await groups.remove('d'.repeat(64))
    groups.close()
    expect(ours()).toEqual([])
  })

  it('must put containers that share a parent into it, for as long as one is there', async () => {
    const { groups, files } = hybrid()
    const other = 'd'.repeat(64)
    groups.followHomes(id => (id === 'e'.repeat(64) ? undefined : { parent: 'shop/back' }))
    groups.ensure(ID, { memory: 1 << 24 })
    groups.ensure(other, {})
    const parent = `${ROOT}/memory/tscompose-abc123/parents/shop/back`
    expect(files.folders(parent)).toEqual([ID, other])
    expect(files.read(`${parent}/${ID}/memory.limit_in_bytes`)).toBe(String(1 << 24))
    expect(groups.pathsOf(ID).oomCounter).toBe(`${parent}/${ID}/memory.oom_control`)
    await groups.remove(ID)
    expect(files.folders(parent)).toEqual([other])
    await groups.remove(other)
    groups.close()
    expect([...files.directories].filter(path => path.includes('tscompose'))).toEqual([])
  })

  it('must find and remove groups in parents that nobody knows any more', async () => {
    const { groups, files } = hybrid()
    groups.followHomes(() => ({ parent: 'shop' }))
    groups.ensure(ID, {})
    groups.followHomes(() => undefined)
    expect(groups.list()).toEqual([ID])
    await groups.remove(ID)
    groups.close()
    expect([...files.directories].filter(path => path.includes('tscompose'))).toEqual([])
  })

  it('must put those who share a budget into one group with its limits, parents inside, and remove it with the last', async () => {
    const { groups, files } = hybrid()
    const other = 'd'.repeat(64)
    const budget = { name: 'shop', memory: 1 << 26, nanoCpus: 5e8 }
    groups.followHomes(id => ({ budget, ...(id === other ? { parent: 'back' } : {}) }))
    groups.ensure(ID, { nanoCpus: 1e9 })
    groups.ensure(other, { nanoCpus: 25e7 })
    const cpu = `${ROOT}/cpu,cpuacct/tscompose-abc123/project-shop`
    const memory = `${ROOT}/memory/tscompose-abc123/project-shop`
    expect(files.read(`${memory}/memory.limit_in_bytes`)).toBe(String(1 << 26))
    expect(files.read(`${cpu}/cpu.cfs_quota_us`)).toBe('50000')
    // The kernel refuses a quota above that of the group around it.
    expect(files.read(`${cpu}/${ID}/cpu.cfs_quota_us`)).toBe('50000')
    expect(files.read(`${cpu}/parents/back/${other}/cpu.cfs_quota_us`)).toBe('25000')
    expect(groups.budgetPathsOf(other)?.oomCounter).toBe(`${memory}/memory.oom_control`)
    await groups.remove(ID)
    await groups.remove(other)
    groups.close()
    expect([...files.directories].filter(path => path.includes('tscompose'))).toEqual([])
  })

  it('must change a budget that exists, and let who is in it have what it now leaves', () => {
    const { groups, files } = hybrid()
    groups.followHomes(() => ({ budget: { name: 'shop', nanoCpus: 1e9 } }))
    groups.ensure(ID, { nanoCpus: 2e9 })
    const cpu = `${ROOT}/cpu,cpuacct/tscompose-abc123/project-shop`
    const members = new Map([[ID, { nanoCpus: 2e9 }]])
    expect(groups.updateBudget({ name: 'shop', nanoCpus: 4e9 }, members)).toEqual([])
    expect(files.read(`${cpu}/${ID}/cpu.cfs_quota_us`)).toBe('200000')
    expect(groups.updateBudget({ name: 'shop' }, members)).toEqual([])
    expect(files.read(`${cpu}/cpu.cfs_quota_us`)).toBe('-1')
    files.refusals.set(`${cpu}/cpu.cfs_quota_us`, 'EPERM')
    expect(codeOfThrown(() => groups.updateBudget({ name: 'shop', nanoCpus: 1e9 }, members))).toBe(
      'LIMIT_REFUSED',
    )
  })

  it('must give the groups around a container what all inside have of real-time scheduling', () => {
    const { groups, files } = hybrid()
    const other = 'd'.repeat(64)
    groups.followHomes(() => ({ budget: { name: 'shop' } }))
    groups.ensure(ID, { rtRuntime: 1000, rtPeriod: 500_000 })
    groups.ensure(other, { rtRuntime: 2000 })
    const engine = `${ROOT}/cpu,cpuacct/tscompose-abc123`
    const folders = [engine, `${engine}/project-shop`, `${engine}/project-shop/${other}`]
    expect(folders.map(folder => files.read(`${folder}/cpu.rt_runtime_us`))).toEqual(['4000', '4000', '2000'])
    const written = files.writes.filter(line => / 4000$/.test(line)).map(line => line.split(' ')[0])
    expect(written).toEqual(folders.slice(0, 2).map(folder => `${folder}/cpu.rt_runtime_us`))
  })

  it('must find and remove groups in a budget that nobody knows any more', async () => {
    const { groups, files } = hybrid()
    groups.followHomes(() => ({ budget: { name: 'shop' }, parent: 'back' }))
    groups.ensure(ID, {})
    groups.followHomes(() => undefined)
    expect(groups.list()).toEqual([ID])
    await groups.remove(ID)
    groups.close()
    expect([...files.directories].filter(path => path.includes('tscompose'))).toEqual([])
  })

  it('must tell of a budget what it cannot keep, and nothing of what it does not limit', () => {
    const { groups } = hybrid()
    expect(groups.lost({}, { name: 'shop', nanoCpus: 1e9 })).toEqual([])
    const without = openCgroups({ engineId: 'a', mountinfo: '', files: new MemoryCgroups(() => ({})) })
    expect(without.lost({}, { name: 'shop', pids: 9 })).toEqual([
      'limit of processes of the project is not kept: this machine has no pids.max',
    ])
  })

  it('must enter no group by itself, which would have all others wait for the kernel', () => {
    const { groups, files } = hybrid()
    groups.ensure(ID, {})
    expect(files.aside).toEqual([])
  })

  it('must see and thaw what others have frozen by either freezer', async () => {
    const { groups, files } = hybrid()
    groups.ensure(ID, {})
    const state = `${ROOT}/freezer/tscompose-abc123/${ID}/freezer.state`
    expect([groups.freezer(ID).frozen(), groups.freezer(ID).freezing()]).toEqual([false, false])
    files.write(state, 'FREEZING')
    expect([groups.freezer(ID).frozen(), groups.freezer(ID).freezing()]).toEqual([false, true])
    files.write(state, 'FROZEN')
    expect([groups.freezer(ID).frozen(), groups.freezer(ID).freezing()]).toEqual([true, true])
    files.write(`${ROOT}/unified/tscompose-abc123/${ID}/cgroup.freeze`, '1')
    await groups.freezer(ID).thaw()
    expect([groups.freezer(ID).frozen(), groups.freezer(ID).freezing()]).toEqual([false, false])
  })

  describe('frozen by a group around it', () => {
    const folderIn = (freezer: string): string => `${ROOT}/${freezer}/tscompose-abc123/project-shop`
    const frozen = (freezer: 'freezer' | 'unified') => {
      const { groups, files } = hybrid()
      groups.followHomes(() => ({ budget: { name: 'shop' } }))
      groups.ensure(ID, {})
      const text = (folder: string, now: string): void => void files.texts.set(folder, now)
      if (freezer === 'unified') text(`${folderIn(freezer)}/cgroup.freeze`, '1\n')
      else {
        for (const each of [folderIn(freezer), `${folderIn(freezer)}/${ID}`])
          text(`${each}/freezer.state`, 'FROZEN\n')
        text(`${folderIn(freezer)}/${ID}/freezer.self_freezing`, '0\n')
      }
      const told = (): string => files.read(`${folderIn('freezer')}/freezer.state`)
      const toldByV2 = (): string => files.read(`${folderIn('unified')}/cgroup.freeze`)
      const goesOn = (): boolean => told().trim() === 'THAWED' && ['', '0'].includes(toldByV2())
      return { groups, files, goesOn }
    }

    it.each([
      'freezer',
      'unified',
    ] as const)('it is seen to be, by %s, is not paused, and goes on with it', async by => {
      const { groups, goesOn } = frozen(by)
      expect([groups.freezer(ID).freezing(), groups.freezer(ID).held(), groups.freezer(ID).frozen()]).toEqual(
        [true, true, false],
      )
      await groups.freezer(ID).thaw()
      expect([goesOn(), groups.freezer(ID).freezing(), groups.freezer(ID).held()]).toEqual([
        true,
        false,
        false,
      ])
    })

    it('it is let go of, where it sleeps by its own', () => {
      const { groups, files, goesOn } = frozen('unified')
      const own = `${folderIn('unified')}/${ID}/cgroup.freeze`
      files.write(own, '1')
      groups.freezer(ID).release()
      expect([goesOn(), files.read(own), groups.freezer(ID).held(), groups.freezer(ID).freezing()]).toEqual([
        true,
        '1',
        false,
        true,
      ])
    })

    it('it dies of v1 only when that goes on, and nobody is born into it', async () => {
      const first = frozen('freezer')
      await first.groups.kill(ID)
      expect(first.goesOn()).toBe(true)
      for (const by of ['freezer', 'unified'] as const) {
        const { groups, goesOn } = frozen(by)
        groups.ensure(ID, {})
        expect(goesOn()).toBe(true)
      }
    })

    it('all files that say so are looked at', () => {
      expect(frozen('unified').groups.filesOf(ID, {})).toContain(`${folderIn('unified')}/cgroup.freeze`)
    })
  })

  it('must read what the files say', () => {
    const { groups } = hybrid()
    groups.ensure(ID, {})
    expect(groups.stats(ID)).toMatchObject({ oomKills: 3, pidsCurrent: 7, pidsLimit: 4096 })
  })
})

describe('control groups on a v2 host', () => {
  it('must hand controllers down where the folder stands already, made for the engine’s own group', () => {
    const { groups, files } = pure()
    files.mkdir(`${ROOT}/tscompose`)
    files.mkdir(`${ROOT}/tscompose/engine`)
    files.writes.length = 0
    expect(groups.ensure(ID, { memory: 4096 })).toEqual([])
    expect(files.writes).toContain(`${ROOT}/tscompose/cgroup.subtree_control +memory`)
    expect(files.read(`${ROOT}/tscompose/${ID}/memory.max`)).toBe('4096')
  })

  it('must hand the controllers down to the groups', () => {
    const { groups, files } = pure()
    expect(groups.version).toBe(2)
    expect(groups.warnings).toEqual([])
    expect(files.writes.slice(0, 4)).toEqual([
      `${ROOT}/cgroup.subtree_control +cpu`,
      `${ROOT}/tscompose/cgroup.subtree_control +cpu`,
      `${ROOT}/cgroup.subtree_control +cpuset`,
      `${ROOT}/tscompose/cgroup.subtree_control +cpuset`,
    ])
    const handed = files.writes.map(each => /tscompose\/cgroup.subtree_control \+(\w+)$/.exec(each)?.[1])
    expect(handed.filter(Boolean)).toEqual(['cpu', 'cpuset', 'hugetlb', 'io', 'memory', 'pids'])
    expect(groups.pathsOf(ID)).toEqual({
      v1: {},
      unified: `${ROOT}/tscompose/${ID}`,
      oomCounter: `${ROOT}/tscompose/${ID}/memory.events`,
    })
  })

  it('must hand the controllers down through parents', () => {
    const { groups, files } = pure()
    groups.followHomes(() => ({ parent: 'shop' }))
    groups.ensure(ID, { memory: 4096 })
    expect(files.writes).toContain(`${ROOT}/tscompose/parents/cgroup.subtree_control +memory`)
    expect(files.writes).toContain(`${ROOT}/tscompose/parents/shop/cgroup.subtree_control +memory`)
    expect(files.read(`${ROOT}/tscompose/parents/shop/${ID}/memory.max`)).toBe('4096')
  })

  it('must count swap alone', () => {
    const { groups, files } = pure()
    groups.ensure(ID, { memory: 1000, memorySwap: 1500, cpuShares: 1024, cpuQuota: 50_000 })
    const written = files.writes
      .filter(write => write.includes(ID))
      .map(write => write.slice(`${ROOT}/tscompose/${ID}/`.length))
    expect(written).toEqual([
      'memory.max 1000',
      'memory.swap.max 500',
      'cpu.weight 100',
      'cpu.max 50000 100000',
      'pids.max 4096',
    ])
    groups.update(ID, { memory: 1000, memorySwap: -1 })
    expect(files.texts.get(`${ROOT}/tscompose/${ID}/memory.swap.max`)).toBe('max')
  })

  it('must warn of what v2 cannot do', () => {
    const { groups } = pure()
    expect(groups.ensure(ID, { swappiness: 10, oomKillDisable: true })).toHaveLength(2)
  })

  it('must go on without controllers that cannot be delegated', () => {
    const { groups } = pure('cpu')
    expect(groups.warnings.join()).toMatch(/memory, pids/)
    expect(groups.ensure(ID, {})).toEqual([])
  })

  it('must read what the files say', () => {
    const { groups } = pure()
    groups.ensure(ID, {})
    expect(groups.processes(ID)).toEqual([12, 34])
    expect(groups.stats(ID)).toMatchObject({
      memoryUsage: 1_048_576,
      oomKills: 2,
      blkio: [{ major: 8, minor: 0, readBytes: 4096, writeBytes: 8192, reads: 1, writes: 2 }],
    })
    expect(groups.stats(ID).memoryLimit).toBeUndefined()
  })
})

describe('a machine without control groups', () => {
  it('must be said so, and hold containers all the same', async () => {
    const files = new MemoryCgroups(() => ({}))
    const groups = openCgroups({ engineId: '', mountinfo: '1 0 8:1 / / rw - ext4 /dev/sda rw', files })
    expect(groups.warnings.length).toBeGreaterThan(0)
    expect(groups.ensure(ID, {})).toEqual([])
    expect(groups.pathsOf(ID)).toEqual({ v1: {} })
    await groups.remove(ID)
  })
})
