import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Stage } from './play.ts'

const DOCKERFILE = `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
RUN mkdir -p /etc /tmp /root && echo root:x:0:0:root:/root:/bin/sh > /etc/passwd
CMD ["sh"]
`

/** Makes the image `busybox` of the cases from the host's static binary, by the engine's own builder. */
export function buildBusybox({ cli, socketPath }: Stage): void {
  const folder = mkdtempSync(join(tmpdir(), 'docker-calls-'))
  copyFileSync(
    ['/bin/busybox', '/usr/bin/busybox'].find(path => existsSync(path)) ?? '',
    join(folder, 'busybox'),
  )
  writeFileSync(join(folder, 'Dockerfile'), DOCKERFILE)
  const env = { ...process.env, DOCKER_BUILDKIT: '0', DOCKER_HOST: `unix://${socketPath}` }
  execFileSync(cli, ['build', '-q', '-t', 'busybox', folder], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  rmSync(folder, { recursive: true })
}
