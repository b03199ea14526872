import { expect, it } from 'vitest'
import type { Service } from '../model/index.ts'
import { flagOf } from './run-flags.ts'

const NET: Service = {
  command: null,
  entrypoint: null,
  cap_add: ['NET_WRONG'],
  user: 'nobody',
  volumes: [],
  ports: [],
}

function flag(
  code: string,
  summary: string,
  attributes: readonly string[],
  more: Partial<Service>,
): string | undefined {
  return flagOf({ code, summary }, { service: { ...NET, ...more } }, NET, attributes)
}

it('blames the flag for what the command line says', () => {
  expect(flag('NAME_INVALID', 'name "ü"', [], {})).toBe('--name')
  expect(flag('USER_UNKNOWN', 'no user "x"', ['user'], { user: 'x' })).toBe('--user')
  expect(flag('CAPABILITY_UNKNOWN', 'unknown "NOPE"', ['cap_add'], { cap_add: ['NET_WRONG', 'NOPE'] })).toBe(
    '--cap-add',
  )
  expect(flag('PORT_IN_USE', 'port 8080/tcp', ['ports'], { ports: [{ target: 1, published: '8080' }] })).toBe(
    '--publish',
  )
  expect(
    flag('MOUNT_KIND', 'on "/x"', ['volumes'], { volumes: [{ type: 'bind', source: '/y', target: '/x' }] }),
  ).toBe('--volume')
})

it('leaves the file what the file says', () => {
  expect(flag('USER_UNKNOWN', 'no user "nobody"', ['user'], {})).toBeUndefined()
  expect(
    flag('CAPABILITY_UNKNOWN', 'unknown "NET_WRONG"', ['cap_add'], { cap_add: ['NET_WRONG', 'NOPE'] }),
  ).toBeUndefined()
})
