import { describe, expect, test } from 'vitest'
import type { RuntimeSpec } from '../runtime/index.ts'
import { resolveCapabilities } from '../security/index.ts'
import type { Facts } from './facts.ts'
import type { Made } from './made.ts'
import { TEST_HOST, testSpec } from './mounts.test-support.ts'
import { oomDrift, rlimitDrift } from './process-limits.ts'
import { labelDrift, rightsDrift } from './rights.ts'
import { compareSettings } from './settings.ts'
import { type WantedSetting, wantedSettings } from './wanted-settings.ts'

function facts(spec: Partial<RuntimeSpec>, texts: Partial<Facts> = {}): Facts {
  const whole = testSpec(spec)
  return {
    process: { pid: 1, startTime: 1n },
    spec: whole,
    isBegunHere: false,
    capabilities: resolveCapabilities(whole.security),
    endpoints: [],
    limits: '',
    status: '',
    oomScore: '0',
    groups: '',
    label: '',
    ...texts,
  }
}

const paths = (drift: readonly { readonly Path: string }[]): string[] => drift.map(({ Path }) => Path)

describe('rights of the first process', () => {
  const status = (bounding: string, seccomp: string, privileges = '0'): string =>
    `CapInh:\t0\nCapPrm:\t0\nCapEff:\t0\nCapBnd:\t${bounding}\nCapAmb:\t0\nNoNewPrivs:\t${privileges}\nSeccomp:\t${seccomp}\n`

  test('given up are its own affair', () => {
    expect(rightsDrift(facts({}, { status: status('0', '2') }))).toEqual([])
  })

  test('a label of SELinux that it was not made with is told', () => {
    const labels = { process: 'u:r:container_t:s0:c1,c2', mount: 'u:r:container_file_t:s0:c1,c2' }
    const got = (label: string) => labelDrift(facts({ security: { labels } }, { label }))
    expect(got(labels.process)).toEqual([])
    expect(got('u:r:unconfined_t:s0')).toMatchObject([
      { Path: 'label', Want: labels.process, Got: 'u:r:unconfined_t:s0', Repair: 'none' },
    ])
    expect(labelDrift(facts({}, { label: 'u:r:unconfined_t:s0' }))).toEqual([])
  })

  test('that it was not made with are told', () => {
    const security = { noNewPrivileges: true }
    const drift = rightsDrift(facts({ security }, { status: status('00000000a82425fb', '0') }))
    expect(paths(drift)).toEqual(['capabilities', 'seccomp', 'no_new_privs'])
    expect(drift[0]).toMatchObject({ Got: 'also SYS_ADMIN', Repair: 'none' })
  })
})

describe('limits of the first process', () => {
  const limits = (soft: number, hard: number): string => `Max open files            ${soft}  ${hard}  files\n`
  const process = (init: boolean): Partial<RuntimeSpec> => ({
    init,
    process: {
      ...testSpec().process,
      rlimits: [{ name: 'nofile', soft: 512, hard: 1024 }],
      oomScoreAdj: 500,
    },
  })

  test('may be lowered by a program, and raised by nobody', () => {
    expect(rlimitDrift(facts(process(false), { limits: limits(64, 64) }))).toEqual([])
    expect(rlimitDrift(facts(process(false), { limits: limits(1024, 1024) }))).toEqual([])
    expect(paths(rlimitDrift(facts(process(false), { limits: limits(512, 2048) })))).toEqual([
      'rlimit.nofile',
    ])
  })

  test('are as they were made where PID 1 is ours', () => {
    expect(paths(rlimitDrift(facts(process(true), { limits: limits(64, 1024) })))).toEqual(['rlimit.nofile'])
    expect(rlimitDrift(facts(process(true), { limits: limits(512, 1024) }))).toEqual([])
  })

  test('and its OOM score, which a program may raise', () => {
    expect(oomDrift(facts(process(false), { oomScore: '900\n' }), TEST_HOST)).toEqual([])
    expect(paths(oomDrift(facts(process(false), { oomScore: '0\n' }), TEST_HOST))).toEqual(['oom_score_adj'])
    expect(paths(oomDrift(facts(process(true), { oomScore: '900\n' }), TEST_HOST))).toEqual(['oom_score_adj'])
  })
})

describe('settings of namespaces', () => {
  const wantedOf = (spec: Partial<RuntimeSpec> = {}): readonly WantedSetting[] =>
    wantedSettings(facts({ domainname: 'example', ...spec }), { 'net.ipv4.ip_local_port_range': '1024 2000' })

  test('are held against what was asked for, however the kernel writes it', () => {
    const wanted = wantedOf()
    expect(compareSettings(wanted, ['box\n', 'example\n', '0\n', '1024\t2000\n'])).toEqual([])
    expect(paths(compareSettings(wanted, ['other\n', 'example\n', '80\n', '1024\t2001\n']))).toEqual([
      'hostname',
      'sysctl.net.ipv4.ip_unprivileged_port_start',
      'sysctl.net.ipv4.ip_local_port_range',
    ])
  })

  test('are as the kernel has them when one for all interfaces was written behind those of each', () => {
    const endpoints = [{ interfaceName: 'eth0', network: { subnets: [] } }] as unknown as Made['endpoints']
    const disabledOf = (sysctls: Record<string, string>): string | undefined =>
      wantedSettings({ ...facts({}), endpoints }, sysctls).find(
        ({ key }) => key === 'net.ipv6.conf.eth0.disable_ipv6',
      )?.want
    expect(disabledOf({})).toBe('1')
    expect(disabledOf({ 'net.ipv6.conf.all.disable_ipv6': '0' })).toBe('0')
    expect(
      disabledOf({ 'net/ipv6/conf/all/disable_ipv6': '0', 'net.ipv6.conf.eth0.disable_ipv6': '1' }),
    ).toBe('1')
  })

  test('what the kernel does not tell is not missed', () => {
    expect(compareSettings(wantedOf(), ['', '', '', ''])).toEqual([])
  })

  test('are the own affair of who may change them', () => {
    expect(wantedOf({ security: { privileged: true } })).toEqual([])
    expect(wantedOf({ security: { readonlyPaths: [] } }).map(({ path }) => path)).toEqual([
      'hostname',
      'domainname',
    ])
  })
})
