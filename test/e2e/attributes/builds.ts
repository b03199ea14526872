import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { AttributeCase } from './case.ts'

const DOCKERFILE = `FROM busybox AS first
ARG WORD=none
RUN mkdir /made && echo $WORD > /made/word && grep built.test /etc/hosts > /made/hosts; ls /sys/class/net > /made/net
RUN ulimit -n > /made/files; df -k /dev/shm | awk 'END{print $2}' > /made/shm
RUN --mount=type=secret,id=word,target=/run/word cp /run/word /made/secret
RUN --mount=from=more,target=/mnt cp /mnt/building.txt /made/more
RUN --security=insecure grep -c '^CapEff:.*1f' /proc/self/status > /made/privileged
RUN --network=host true
FROM first AS second
RUN echo not reached > /made/second
`

/** How an image is built; what the builder's own instructions do is in image.test.ts. */
export const BUILDS: readonly AttributeCase[] = [
  {
    service: 'built',
    shows: [
      ...['context', 'dockerfile', 'args', 'labels', 'target', 'tags', 'network', 'extra_hosts', 'shm_size'],
      ...['no_cache', 'cache_from', 'ulimits.*.soft', 'ulimits.*.hard', 'secrets.source', 'secrets.target'],
      ...['additional_contexts', 'entitlements', 'no_cache_filter', 'privileged'],
      ...['cache_to', 'provenance', 'sbom'],
    ].map(name => `build.${name}`),
    attributes: {
      image: 'attributes-built',
      build: {
        context: './context',
        dockerfile: 'sub/Own.dockerfile',
        args: { WORD: 'said' },
        labels: { made: 'here' },
        target: 'first',
        tags: ['attributes-built:second'],
        network: 'none',
        extra_hosts: ['built.test:192.0.2.7'],
        shm_size: '3m',
        ulimits: { nofile: { soft: 321, hard: 400 } },
        secrets: [{ source: 'building', target: 'word' }],
        no_cache: true,
        cache_from: ['attributes-built'],
        cache_to: ['type=local,dest=./steps'],
        provenance: true,
        sbom: true,
        additional_contexts: { more: '.' },
        entitlements: ['network.host'],
        no_cache_filter: ['first'],
        privileged: true,
      },
    },
    top: { secrets: { building: { file: './building.txt' } } },
    files: { 'context/sub/Own.dockerfile': DOCKERFILE, 'building.txt': 'hidden\n' },
    inside: {
      'cd /made; cat word net files shm secret more privileged; ls':
        'said\nlo\n321\n3072\nhidden\nhidden\n1\nfiles\nhosts\nmore\nnet\nprivileged\nsecret\nshm\nword\n',
      'cat /made/hosts; ls /run 2>/dev/null': '192.0.2.7\tbuilt.test\n',
    },
    host: async ({ docker, sandbox }) => {
      const image = await docker.getImage('attributes-built:second').inspect()
      expect(image.Config.Labels).toMatchObject({ made: 'here' })
      expect(existsSync(join(sandbox.folder, 'steps/index.json'))).toBe(true)
      const statements = join(sandbox.env['TSCOMPOSE_ROOT'] ?? '', 'images/manifests')
      const texts = readdirSync(statements).map(name => readFileSync(join(statements, name), 'utf8'))
      for (const predicate of ['"buildDefinition"', '"SPDX-2.3"'])
        expect(texts.some(text => text.includes(predicate))).toBe(true)
    },
  },
  {
    service: 'built-inline',
    shows: ['dockerfile_inline', 'secrets.uid', 'secrets.gid', 'secrets.mode', 'platforms'].map(
      name => `build.${name}`,
    ),
    attributes: {
      image: 'attributes-inline',
      build: {
        dockerfile_inline:
          "FROM busybox\nRUN --mount=type=secret,id=building stat -c 'inline %u %g %a' /run/secrets/building > /inline",
        platforms: ['linux/amd64', 'linux/arm64'],
        secrets: [{ source: 'building', uid: '1', gid: '2', mode: 0o400 }],
      },
    },
    inside: { 'cat /inline': 'inline 1 2 400\n' },
  },
]
