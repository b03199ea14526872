import { expect, test } from 'vitest'
import { Failure } from '../../../diagnostics/index.ts'
import { parseDockerfile } from './parse.ts'

/** What a Dockerfile of these lines behind a FROM is refused for; nothing when it is taken. */
function refusal(lines: string): string | undefined {
  try {
    parseDockerfile(`FROM base\n${lines}\n`, 'Dockerfile')
    return undefined
  } catch (error) {
    if (error instanceof Failure) return error.code
    throw error
  }
}

// Each of these is built, or refused, by BuildKit too.
test.each([
  'RUN <<E-F\na\nE-F',
  'RUN <<1\na\n1',
  'RUN <<E cat > /x && cat <<B > /y\na\nE\nb\nB',
  'RUN 3<<E cat /dev/null\nx\nE',
  'RUN --mount=type=tmpfs,target=/t <<E\na\nE',
  'COPY <<E"O"F /x\na\nEOF',
  "COPY <<'E' /x\n$a\nE",
  'COPY <<a <<b /d/\n1\na\n2\nb',
  'ADD <<E /x\na\nE',
  'ONBUILD RUN <<E\na\nE',
  'ONBUILD COPY <<E /x\na\nE',
  'ONBUILD COPY --from=x a /b',
  'COPY --chmod=0 a /x',
  'COPY --chmod=$M a /x',
  'COPY --chmod=u=rwX,go=rX a /x',
  'COPY --chown=:5 a /x',
  'COPY --link=false a /x',
  'COPY --exclude=*.t d /x',
  'COPY ["a", "/x y"]',
  'COPY "a" \'/q\'',
  'ADD --keep-git-dir=true https://host/r.git /x',
  'ADD --unpack=false a /x',
  'RUN --mount=target=/x true',
  'RUN --mount=type=bind,source=d,dst=/x,readonly=true true',
  'RUN --mount=type=cache,from=base,source=/bin,target=/c true',
  'RUN --mount=type=secret,id=x,env=Y true',
  'RUN --mount=type=ssh,required true',
  'RUN --network=none true',
  'CMD',
  'ENTRYPOINT',
  'CMD []',
  "CMD ['a']",
  'CMD ["a"] b',
  'CMD ["a",]',
  'HEALTHCHECK --interval=0s --retries=0 CMD true',
  'HEALTHCHECK --interval=5s NONE',
  'ENV A= B=2',
  'ENV A = b',
  'ENV a.b=c d-e=f',
  'ENV A=a\\ b B=\'x\'y"z"',
  'ENV A old form',
  'LABEL a old form',
  'ARG A B=2 C="x y"',
  'ARG A=1=2',
  'WORKDIR /a b',
  'USER a b',
  'STOPSIGNAL 9',
  'EXPOSE 80/tcp 90-92 127.0.0.1:80:80 $P',
  'VOLUME /a "/b c"',
  'run true\ncopy a /b\nenv A=b',
  'RUN echo a \\\n# inner\n\n  b',
  'RUN echo a > /f \\',
  '\tRUN\techo a\n  # comment',
  'FROM base AS a\nFROM base AS a',
])('%j is taken', lines => {
  expect(refusal(lines)).toBeUndefined()
})

test.each([
  'FOO bar',
  'FROM base foo',
  'FROM base AS',
  'FROM base AS 1a',
  'FROM base AS a/b',
  'FROM --foo=1 base',
  'RUN --device',
  'RUN --network=foo true',
  'RUN --security=x true',
  'RUN --mount=type=foo,target=/x true',
  'RUN --mount=type=cache,target=/x,bogus=1 true',
  'RUN --mount=type=cache,target=/x,sharing=foo true',
  'RUN --mount=type=bind,target=/x,rw=abc true',
  'COPY',
  'COPY a',
  'COPY --foo a /x',
  'COPY --link=bad a /',
  'COPY --from=$X a /x',
  'ENV',
  'ENV A',
  'ENV A=1 B',
  'ENV =1',
  'LABEL "a"="b" "c',
  'ARG',
  'ARG =1',
  'USER',
  'WORKDIR',
  'STOPSIGNAL',
  'VOLUME',
  'VOLUME [""]',
  'EXPOSE',
  'SHELL sh',
  'SHELL []',
  'ONBUILD',
  'ONBUILD ONBUILD RUN a',
  'ONBUILD FROM x',
  'ONBUILD MAINTAINER x',
  'CMD [1]',
  'HEALTHCHECK CMD',
  'HEALTHCHECK FOO',
  'HEALTHCHECK --interval=1us CMD true',
  'HEALTHCHECK --interval=foo CMD true',
  'HEALTHCHECK --retries=-1 CMD true',
  `RUN echo ${'a'.repeat(66_000)}`,
])('%j is refused', lines => {
  expect(refusal(lines)).toMatch(/^DOCKERFILE_/)
})
