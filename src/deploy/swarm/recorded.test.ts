import { describe, expect, test } from 'vitest'
import { convertedFixture, findingsOf, recordedFixture } from './converted.test-support.ts'
import { fieldsOf } from './plan/fields.ts'

// What Docker 28's `docker stack deploy` has made of the same files in a swarm of one: its own words, field by field.
describe.each(['web', 'modes', 'mounts', 'networks', 'files'])('%s', name => {
  const stack = convertedFixture(name)
  const recorded = recordedFixture(name)

  test('is refused nothing', () => {
    expect(findingsOf(stack, 'error')).toEqual([])
  })

  test('has the same services, field by field', () => {
    const ours = Object.fromEntries(
      stack.services.map(({ name: service, wanted }) => [service, Object.fromEntries(fieldsOf(wanted))]),
    )
    const theirs = Object.fromEntries(
      Object.entries(recorded.services).map(([service, kept]) => [
        service,
        Object.fromEntries(fieldsOf(kept)),
      ]),
    )
    // `restart: "no"` is left out there, and tasks are started again.
    if (name === 'modes') {
      expect(ours['modes_never']).toMatchObject({ 'deploy.restart_policy.condition': '"none"' })
      delete ours['modes_never']?.['deploy.restart_policy.condition']
    }
    expect(ours).toEqual(theirs)
  })

  test('has networks, configs and secrets of the same names and labels', () => {
    const own = stack.networks.filter(({ request }) => request !== undefined)
    expect(own.map(each => each.name).sort()).toEqual(Object.keys(recorded.networks).sort())
    for (const { name: network, request } of own)
      expect(recorded.networks[network]).toMatchObject({
        Driver: request?.Driver,
        Labels: request?.Labels,
        Internal: request?.Internal ?? false,
        Attachable: request?.Attachable ?? false,
      })
    const files = stack.files.filter(({ external }) => !external)
    expect(files.map(each => each.name).sort()).toEqual(
      [...Object.keys(recorded.configs), ...Object.keys(recorded.secrets)].sort(),
    )
    for (const { kind, name: file, labels, data } of files) {
      expect(recorded[kind === 'config' ? 'configs' : 'secrets'][file]?.Labels).toEqual(labels)
      if (kind === 'config')
        expect(recorded.configs[file]?.Data).toBe(Buffer.from(data ?? []).toString('base64'))
    }
  })
})
