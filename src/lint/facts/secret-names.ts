const SECRET =
  /(?:^|_)(?:PASSWORD|PASSWD|PASSPHRASE|PASS|PWD|SECRET|TOKEN|API_?KEY|(?:PRIVATE|SECRET|ACCESS|ENCRYPTION|MASTER|SIGNING|AUTH)_?KEY|CREDENTIALS?)(?:_BASE)?[0-9]*$|(?:PASSWORD|PASSWD)$/i

/** Names that only sound like a secret: switches, and names and identifiers that go with one. */
const HARMLESS =
  /(?:^|_)(?:ALLOW|ENABLE|DISABLE|RANDOM|REQUIRE|USE|NO|SKIP|GENERATE|HAS|MIN|MAX|EXPIRE|EXPIRES|CSRF|PUBLIC)_|ACCESS_KEY_ID|^PWD$|^OLDPWD$/i

/** True for the name of a variable that most likely holds a secret itself, not its file, length or lifetime. */
export function isSecretName(name: string): boolean {
  return SECRET.test(name) && !HARMLESS.test(name)
}

/** True for a value that could be a secret: no switch, no number of seconds, no path, no <placeholder>. */
export function isSecretValue(value: string): boolean {
  return !/^(?:|true|false|yes|no|on|off|none|null|[0-9]{1,3}|\/\S+|file:.*|["']?<.*>["']?)$/i.test(value)
}
