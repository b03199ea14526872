import { expect, test } from 'vitest'
import { termsOf } from './index.ts'
import { codeOf, refusals } from './refusals.test-support.ts'

test('nothing said is the default of everything', () => {
  expect(termsOf({}, {}).security).toEqual({ privileged: false, capAdd: [], capDrop: [] })
})

test.each([
  ['no-new-privileges', { noNewPrivileges: true }],
  ['no-new-privileges:true', { noNewPrivileges: true }],
  ['no-new-privileges=false', { noNewPrivileges: false }],
  ['seccomp=unconfined', { seccomp: { kind: 'unconfined' } }],
  ['seccomp=builtin', { seccomp: { kind: 'default' } }],
  ['seccomp={"a":1}', { seccomp: { kind: 'profile', json: '{"a":1}' } }],
  ['apparmor:mine', { apparmor: 'mine' }],
  ['systempaths=unconfined', { maskedPaths: [], readonlyPaths: [] }],
  ['label=type:x_t', { labelOptions: ['type:x_t'] }],
  ['label:disable', { labelOptions: ['disable'] }],
])('option %s', (option, terms) => {
  expect(termsOf({}, { SecurityOpt: [option] }).security).toMatchObject(terms)
})

test.each(['nonsense', 'seccomp=/path', 'no-new-privileges:maybe', 'apparmor='])('%s is refused', option => {
  expect(codeOf(() => termsOf({}, { SecurityOpt: [option] }).security)).toBe('SECURITY_OPTION_INVALID')
  expect(refusals({}, { SecurityOpt: [option] })).toEqual(['SECURITY_OPTION_INVALID HostConfig.SecurityOpt'])
})

test('rights and hidden paths', () => {
  const host = {
    Privileged: true,
    CapAdd: ['NET_ADMIN'],
    CapDrop: ['ALL'],
    MaskedPaths: ['/a'],
    ReadonlyPaths: [],
  }
  expect(termsOf({}, host).security).toEqual({
    privileged: true,
    capAdd: ['NET_ADMIN'],
    capDrop: ['ALL'],
    maskedPaths: ['/a'],
    readonlyPaths: [],
  })
})

test('a capability that does not exist is refused where it is named', () => {
  expect(refusals({}, { CapAdd: ['NOT_A_CAP'], CapDrop: ['NEITHER'] })).toEqual([
    'CAPABILITY_UNKNOWN HostConfig.CapAdd',
    'CAPABILITY_UNKNOWN HostConfig.CapDrop',
  ])
})
