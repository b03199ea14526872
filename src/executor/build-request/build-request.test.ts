import { describe, expect, it } from 'vitest'
import type { Diagnostic } from '../../diagnostics/index.ts'
import type { Build } from '../../model/index.ts'
import { planBuild } from '../../planner/index.ts'
import { makeProject } from '../../planner/testing/projects.ts'
import type { BuildInput } from './attribute.ts'
import { buildRequest, furtherContexts, tellNotApplied } from './index.ts'

const warnings: Diagnostic[] = []

function inputOf(build: Partial<Build>, options: BuildInput['options'] = {}): BuildInput {
  warnings.length = 0
  const project = makeProject({
    services: {
      app: { build: { context: '/app', ...build } },
      base: { build: { context: '/base' }, image: 'b' },
    },
  })
  const operation = planBuild(project, { services: ['app'] }).operations.find(
    each => each.type === 'buildImage' && each.serviceName === 'app',
  )
  if (operation?.type !== 'buildImage') throw new Error('no build is planned')
  return { operation, project, options, warn: diagnostic => void warnings.push(diagnostic) }
}

describe('furtherContexts', () => {
  it('are images of services and of registries, folders, and repositories that git brings here', async () => {
    const asked: string[] = []
    const fetchContext = async (address: string): Promise<string> => {
      asked.push(address)
      return '/tmp'
    }
    const additional_contexts = {
      own: 'service:base',
      other: 'docker-image://example/base:1',
      folder: '/tmp',
      git: 'https://example.com/x.git#main:sub',
    }
    expect(await furtherContexts(inputOf({ additional_contexts }, { fetchContext }))).toEqual({
      contexts: {
        own: { image: 'b', isLocal: true },
        other: { image: 'example/base:1' },
        folder: { part: '.tscompose.contexts/0' },
        git: { part: '.tscompose.contexts/1' },
      },
      parts: [
        { name: '.tscompose.contexts/0', folder: '/tmp' },
        { name: '.tscompose.contexts/1', folder: '/tmp' },
      ],
    })
    expect(asked).toEqual([additional_contexts.git])
  })
})

describe('a Docker Engine', () => {
  const elsewhere = { foreignEngine: true }

  it('is not asked for what would give another image', () => {
    for (const build of [{ additional_contexts: { a: '/tmp' } }, { ssh: ['default'] }])
      expect(() => tellNotApplied(inputOf(build, elsewhere))).toThrow(
        expect.objectContaining({ code: 'BUILD_NEEDS_BUILDKIT' }),
      )
  })

  it('gets a request without what is ours, which is told', async () => {
    const input = inputOf({ no_cache_filter: ['a'], entitlements: ['network.host'] }, elsewhere)
    tellNotApplied(input)
    expect(warnings.map(({ path }) => path)).toEqual([
      'services.app.build.no_cache_filter',
      'services.app.build.entitlements',
    ])
    expect(Object.keys(await buildRequest(input, { contexts: {} }))).not.toContain('tscompose')
  })
})

describe('buildRequest', () => {
  it('allows what entitlements and privileged say', async () => {
    const request = await buildRequest(inputOf({ entitlements: ['network.host'], privileged: true }), {
      contexts: {},
    })
    expect(request.tscompose?.entitlements).toEqual(['network.host', 'security.insecure'])
  })

  it('has images as any engine takes them, and other caches as ours does', async () => {
    const input = inputOf({
      cache_from: ['example/app:1', 'type=registry,ref=example/cache', 'type=local,src=/kept,tag=a'],
      cache_to: ['example/cache:main', 'type=registry,ref=r/c,mode=max,ignore-error=true', 'type=inline'],
    })
    const { cachefrom, tscompose } = await buildRequest(input, { contexts: {} })
    expect(cachefrom).toEqual(['example/app:1'])
    expect(tscompose?.cacheSources).toEqual([
      { type: 'registry', reference: 'example/cache' },
      { type: 'local', folder: '/kept', tag: 'a' },
    ])
    expect(tscompose?.cacheTargets).toEqual([
      { type: 'registry', reference: 'example/cache:main', mode: 'min', ignoreError: false },
      { type: 'registry', reference: 'r/c', mode: 'max', ignoreError: true },
      { type: 'inline' },
    ])
  })

  it.each([
    [{ cache_from: ['type=gha'] }, 'BUILD_CACHE_TYPE'],
    [{ cache_to: ['type=s3,bucket=x'] }, 'BUILD_CACHE_TYPE'],
    [{ cache_from: ['type=inline'] }, 'BUILD_CACHE_FORM'],
    [{ cache_from: ['type=local'] }, 'BUILD_CACHE_FORM'],
    [{ cache_from: ['type=registry,ref=UPPER'] }, 'BUILD_CACHE_FORM'],
    [{ cache_to: ['type=local,dest='] }, 'BUILD_CACHE_FORM'],
    [{ cache_to: ['type=inline,mode=max'] }, 'BUILD_CACHE_FORM'],
    [{ cache_to: ['type=registry,ref=a,mode=most'] }, 'BUILD_CACHE_FORM'],
    [{ cache_to: ['type=registry,ref=a,ignore-error=maybe'] }, 'BUILD_CACHE_FORM'],
  ])('takes no cache of %j', async (build, code) => {
    await expect(buildRequest(inputOf(build), { contexts: {} })).rejects.toMatchObject({ code })
  })

  it('is of all platforms that are asked for, where the build is', async () => {
    const request = await buildRequest(inputOf({ platforms: ['linux/s390x', 'linux/arm64'] }), {
      contexts: {},
    })
    expect(request.platform).toBe('linux/s390x,linux/arm64')
  })

  it('names no platform that is none, and says where it is written', async () => {
    const input = inputOf({ platforms: ['linux/amd64', 'bogus'] })
    await expect(buildRequest(input, { contexts: {} })).rejects.toMatchObject({
      code: 'PLATFORM_INVALID',
      diagnostics: [{ path: expect.stringMatching(/\.build\.platforms\.1$/) }],
    })
  })

  it('of a service that is to run is of no platform that was not asked for', async () => {
    const input = inputOf({ platforms: ['linux/s390x'] })
    const { allPlatforms: _, ...operation } = input.operation
    await expect(buildRequest({ ...input, operation }, { contexts: {} })).rejects.toMatchObject({
      code: 'PLATFORM_UNSUPPORTED',
    })
  })
})
