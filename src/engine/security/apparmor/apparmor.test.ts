import { describe, expect, test } from 'vitest'
import { codeOfThrown } from '../../runtime/thrown.test-support.ts'
import { type AppArmor, type AppArmorKernel, apparmorProfile, openAppArmor } from './index.ts'

const FOLDER = '/sys/kernel/security/apparmor'

/** A kernel in memory, which loads profiles as a parser that knows no rule of `unknown` does. */
function kernelOf(facts: { files?: Record<string, string | undefined>; unknown?: string; refuses?: string }) {
  const files: Record<string, string | undefined> = {
    '/sys/module/apparmor/parameters/enabled': 'Y\n',
    [`${FOLDER}/profiles`]: 'theirs (enforce)\n',
    '/proc/self/attr/apparmor/current': 'unconfined\n',
    ...facts.files,
  }
  const loaded: string[] = []
  const kernel: AppArmorKernel = {
    read: path => files[path],
    has: path => path in files,
    load: text => {
      if (facts.refuses !== undefined) return facts.refuses
      if (facts.unknown !== undefined && text.includes(facts.unknown)) return 'syntax error'
      loaded.push(text)
      files[`${FOLDER}/profiles`] += `${/^profile (\S+)/.exec(text)?.[1]} (enforce)\n`
      return undefined
    },
  }
  return { kernel, loaded, files }
}

const opened = (kernel: AppArmorKernel): AppArmor => {
  const apparmor = openAppArmor(kernel)
  if (apparmor === undefined) throw new Error('not there')
  return apparmor
}

describe('our profile', () => {
  test('is loaded once, by a name of its rules, and again when it was unloaded', () => {
    const { kernel, loaded, files } = kernelOf({})
    const name = opened(kernel).defaultProfile(true)
    expect(name).toMatch(/^tscompose-default-[0-9a-f]{12}$/)
    const next = opened(kernel)
    expect(next.defaultProfile(true)).toBe(name)
    expect(loaded).toHaveLength(1)
    files[`${FOLDER}/profiles`] = ''
    expect([next.defaultProfile(true), loaded.length]).toEqual([name, 2])
  })

  test('closes what is not masked, by rules of another name', () => {
    const { kernel, loaded } = kernelOf({})
    const apparmor = opened(kernel)
    expect(apparmor.defaultProfile(false)).not.toBe(apparmor.defaultProfile(true))
    expect(loaded.map(text => text.includes('kcore'))).toEqual([true, false])
  })

  test('lets the engine reach its containers, whatever the engine itself is held by', () => {
    const { kernel, loaded } = kernelOf({
      files: { '/proc/self/attr/apparmor/current': 'tool//node (enforce)' },
    })
    const other = opened(kernelOf({}).kernel).defaultProfile(true)
    expect(opened(kernel).defaultProfile(true)).not.toBe(other)
    expect(loaded[0]).toContain('signal (receive) peer=unconfined,\n')
    expect(loaded[0]).toContain('signal (receive) peer=tool//node,\n')
  })

  test('allows message queues where the kernel asks for it, unless the parser does not know them', () => {
    const files = { [`${FOLDER}/features/ipc/posix_mqueue`]: '' }
    const later = kernelOf({ files })
    opened(later.kernel).defaultProfile(true)
    expect(later.loaded[0]).toContain('  mqueue,\n')
    const older = kernelOf({ files, unknown: 'mqueue' })
    opened(older.kernel).defaultProfile(true)
    expect(older.loaded[0]).not.toContain('mqueue')
  })

  test('that cannot be loaded leaves containers in none, which is told, and is not tried at each start', () => {
    const { kernel } = kernelOf({ refuses: 'apparmor_parser is not installed' })
    const apparmor = opened(kernel)
    expect(apparmorProfile({ masked: true }, apparmor)).toBe('unconfined')
    expect(apparmor.warning()).toContain('apparmor_parser is not installed')
    expect(apparmorProfile({ masked: true }, apparmor)).toBe('unconfined')
  })

  test.each([
    { '/sys/module/apparmor/parameters/enabled': 'N\n' },
    { '/sys/module/apparmor/parameters/enabled': undefined },
    { [`${FOLDER}/profiles`]: undefined },
  ])('is not asked for where AppArmor is off, or out of reach: %j', files => {
    expect(openAppArmor(kernelOf({ files }).kernel)).toBeUndefined()
  })
})

describe('the profile of a container', () => {
  const apparmor = opened(kernelOf({}).kernel)
  const own = apparmor.defaultProfile(true)

  test.each([
    [{}, own],
    [{ apparmor: '' }, own],
    [{ privileged: true }, 'unconfined'],
    [{ apparmor: 'unconfined' }, 'unconfined'],
    [{ apparmor: 'theirs' }, 'theirs'],
    [{ privileged: true, apparmor: 'theirs' }, 'theirs'],
    [{ apparmor: 'docker-default' }, own],
  ])('%j', (request, profile) => {
    expect(apparmorProfile({ masked: true, ...request }, apparmor)).toBe(profile)
  })

  test('is refused by its name when the kernel does not know it', () => {
    const attempt = (): unknown => apparmorProfile({ masked: true, apparmor: 'their' }, apparmor)
    expect(codeOfThrown(attempt)).toBe('APPARMOR_PROFILE_UNKNOWN')
    expect(attempt).toThrow('"their"')
    const code = (name: string): string | undefined =>
      codeOfThrown(() => apparmorProfile({ masked: true, apparmor: name }, apparmor))
    expect(code('a b')).toBe('APPARMOR_PROFILE_INVALID')
    expect(code('a\nb')).toBe('APPARMOR_PROFILE_INVALID')
  })

  test('is none without AppArmor, and one that is named is refused there', () => {
    expect(apparmorProfile({ masked: true }, undefined)).toBeUndefined()
    expect(apparmorProfile({ masked: true, apparmor: 'unconfined' }, undefined)).toBeUndefined()
    expect(codeOfThrown(() => apparmorProfile({ masked: true, apparmor: 'theirs' }, undefined))).toBe(
      'APPARMOR_UNAVAILABLE',
    )
  })
})
