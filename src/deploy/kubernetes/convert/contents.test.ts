// What containers have in their file systems: volumes, memory, configs, secrets, and what was this machine's.
import { describe, expect, test } from 'vitest'
import {
  convertText,
  lossesOf,
  namesOf,
  objectNamed,
  type TextOptions,
} from '../convert-text.test-support.ts'
import type { Pod } from '../objects/pod.ts'
import type { Conversion } from './convert.ts'

const podOf = (conversion: Conversion, name = 'a'): Pod =>
  objectNamed(conversion, 'Deployment', name).spec.template.spec
const convertA = (service: string, more = '', options: TextOptions = {}): Conversion =>
  convertText(`services: {a: {image: x, ${service}}}\n${more}`, options)

describe('a named volume', () => {
  test('is a claim of a size', () => {
    const conversion = convertA(
      'volumes: ["data:/d"]',
      'volumes: {data: {x-tscompose-kubernetes: {size: 10g, storage_class: fast}}}',
    )
    expect(objectNamed(conversion, 'PersistentVolumeClaim', 'shop-data').spec).toEqual({
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'fast',
      resources: { requests: { storage: '10Gi' } },
    })
  })

  test('of several pods takes a class that is shared, and that is told', () => {
    const conversion = convertText(
      'services:\n  a: {image: x, volumes: ["data:/d"]}\n  b: {image: x, volumes: ["data:/d"]}\nvolumes:\n  data:\n',
    )
    expect(objectNamed(conversion, 'PersistentVolumeClaim', 'shop-data').spec.accessModes).toEqual([
      'ReadWriteMany',
    ])
    expect(lossesOf(conversion)).toEqual(['KUBERNETES_VOLUME 5 volumes.data'])
  })

  test('that is external is there already', () => {
    const conversion = convertA(
      'volumes: ["data:/d:ro"]',
      'volumes: {data: {external: true, name: old_data}}',
    )
    expect(podOf(conversion).volumes).toEqual([
      { name: 'data', persistentVolumeClaim: { claimName: 'old-data' } },
    ])
    expect(namesOf(conversion).some(name => name.startsWith('PersistentVolumeClaim'))).toBe(false)
  })

  test('with a driver of this machine is told', () => {
    const conversion = convertA('volumes: ["data:/d"]', 'volumes: {data: {driver_opts: {type: nfs}}}')
    expect(lossesOf(conversion)).toEqual(['KUBERNETES_VOLUME 2 volumes.data.driver_opts'])
  })
})

test('memory is a volume in memory, of its size', () => {
  const conversion = convertA(
    'tmpfs: ["/run:size=64m"], shm_size: 1g, volumes: [{type: tmpfs, target: /t, tmpfs: {size: 1k}}]',
  )
  expect(podOf(conversion).volumes).toEqual([
    { name: 'a-t', emptyDir: { medium: 'Memory', sizeLimit: '1Ki' } },
    { name: 'a-run', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
    { name: 'a-dev-shm', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } },
  ])
})

describe('a config', () => {
  const lines = 'a: 1\n  b: |\n\ttab\n'

  test('is a ConfigMap, to the byte, mounted as one file', () => {
    const conversion = convertA(
      'configs: [{source: c, target: /etc/c.yaml, mode: 0440}]',
      'configs: {c: {file: ./c.yaml}}',
      {
        files: { '/srv/shop/c.yaml': lines },
      },
    )
    expect(objectNamed(conversion, 'ConfigMap', 'shop-c').data).toEqual({ c: lines })
    const pod = podOf(conversion)
    expect(pod.volumes).toEqual([{ name: 'shop-c-440', configMap: { name: 'shop-c', defaultMode: 0o440 } }])
    expect(pod.containers[0]?.volumeMounts).toEqual([
      { name: 'shop-c-440', mountPath: '/etc/c.yaml', subPath: 'c', readOnly: true },
    ])
  })

  test('that is no text is in base64', () => {
    const bytes = Uint8Array.of(0, 255, 1)
    const conversion = convertA('configs: [c]', 'configs: {c: {file: ./c}}', {
      files: { '/srv/shop/c': bytes },
    })
    expect(objectNamed(conversion, 'ConfigMap', 'shop-c').binaryData).toEqual({ c: 'AP8B' })
  })

  test('makes pods anew when it changes', () => {
    const digestOf = (content: string): unknown =>
      objectNamed(convertA('configs: [c]', `configs: {c: {content: ${content}}}`), 'Deployment', 'a').spec
        .template.metadata.annotations
    expect(digestOf('one')).not.toEqual(digestOf('two'))
    expect(digestOf('one')).toEqual(digestOf('one'))
  })

  test.each([
    ['not here', undefined],
    ['too large', new Uint8Array(1_100_000)],
  ])('that is %s is told, and not mounted', (_, bytes) => {
    const files = bytes === undefined ? {} : { '/srv/shop/c': bytes }
    const conversion = convertA('configs: [c]', 'configs: {c: {file: ./c}}', { files })
    expect(lossesOf(conversion)).toEqual(['KUBERNETES_CONTENT 2 configs.c'])
    expect(podOf(conversion).volumes).toBeUndefined()
  })
})

describe('a secret', () => {
  const SECRET = 'hunter2-of-the-test'
  const conversion = convertA(
    'secrets: [{source: s, uid: "33", mode: 0400}, old]',
    'secrets: {s: {file: ./s}, old: {external: true}}',
    {
      files: { '/srv/shop/s': SECRET },
    },
  )

  test('is a Secret, and in no other object, choice or loss', () => {
    const encoded = Buffer.from(SECRET).toString('base64')
    expect(objectNamed(conversion, 'Secret', 'shop-s').data).toEqual({ s: encoded })
    const { parts, ...words } = conversion
    const others = parts.filter(({ name }) => name !== 'secrets')
    for (const text of [JSON.stringify(others), JSON.stringify(words)])
      for (const hidden of [SECRET, encoded]) expect(text).not.toContain(hidden)
  })

  test('that is somebody’s can be read by all in the pod, and that is told', () => {
    expect(lossesOf(conversion)).toEqual(['KUBERNETES_ATTRIBUTE 1 services.a.secrets[0]'])
    expect(podOf(conversion).volumes?.[0]?.secret?.defaultMode).toBe(0o444)
  })

  test('that is external is there already', () => {
    expect(podOf(conversion).volumes?.[1]?.secret?.secretName).toBe('old')
    expect(namesOf(conversion)).not.toContain('Secret old')
  })
})

describe('a bind', () => {
  const files = {
    '/srv/shop/nginx.conf': 'events {}\n',
    '/srv/shop/run.sh': { kind: 'file', bytes: Buffer.from('#!/bin/sh\n'), mode: 0o755 },
    '/srv/shop/sql': { kind: 'folder', files: new Map([['a/1.sql', Buffer.from('select 1')]]) },
    '/srv/shop/large': { kind: 'folder' },
    '/srv/shop/sock': { kind: 'other' },
  } as const
  const bound = (mounts: string, more = ''): Conversion =>
    convertA(`volumes: [${mounts}]${more}`, '', { files })

  test('of a small file goes along, with its right to be run', () => {
    const pod = podOf(bound('"./nginx.conf:/etc/nginx.conf:ro", "./run.sh:/run.sh"'))
    expect(pod.volumes?.map(({ configMap }) => [configMap?.name, configMap?.defaultMode])).toEqual([
      ['a-nginx-conf', 0o444],
      ['a-run-sh', 0o555],
    ])
    expect(pod.containers[0]?.volumeMounts?.[0]).toMatchObject({
      mountPath: '/etc/nginx.conf',
      subPath: 'nginx.conf',
    })
  })

  test('of a small folder goes along as a folder', () => {
    const [volume] = podOf(bound('"./sql:/docker-entrypoint-initdb.d:ro"')).volumes ?? []
    expect(volume?.configMap?.items).toEqual([{ key: expect.stringMatching(/^a_1\.sql\./), path: 'a/1.sql' }])
  })

  test.each([
    './large:/l',
    './sock:/s',
    './nowhere:/n',
    '/var/run/docker.sock:/d',
    '/proc:/host/proc:ro',
  ])('of %s is left out and told', mount => {
    const conversion = bound(`"${mount}"`)
    expect(lossesOf(conversion)).toEqual(['KUBERNETES_BIND 1 services.a.volumes[0]'])
    expect(podOf(conversion).volumes).toBeUndefined()
  })

  test('of what the image is built with is left out', () => {
    const conversion = convertText('services: {a: {image: r/x, build: ., volumes: [".:/app"]}}')
    expect([lossesOf(conversion), podOf(conversion).volumes]).toEqual([[], undefined])
  })

  test('is a path of the node where the file says so, or what runs on each node means it', () => {
    const [volume] =
      podOf(bound('"/var/log:/log:ro"', ', x-tscompose-kubernetes: {binds: node}')).volumes ?? []
    expect(volume?.hostPath?.path).toBe('/var/log')
    const agent = convertText(
      'services: {a: {image: x, deploy: {mode: global}, volumes: ["/proc:/host/proc:ro"]}}',
    )
    expect(objectNamed(agent, 'DaemonSet', 'a').spec.template.spec.volumes?.[0]?.hostPath?.path).toBe('/proc')
  })
})
