<?php
declare(strict_types=1);

/** Connects to the database named in the environment; the password comes from a secret's file. */
function connect(): mysqli
{
    mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
    $password = trim((string) file_get_contents((string) getenv('DB_PASSWORD_FILE')));
    return new mysqli((string) getenv('DB_HOST'), (string) getenv('DB_USER'), $password, (string) getenv('DB_NAME'));
}

/** Records this visit and returns how many there have been. */
function countVisit(mysqli $database): int
{
    $database->query('CREATE TABLE IF NOT EXISTS visits (id BIGINT AUTO_INCREMENT PRIMARY KEY, at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)');
    $database->query('INSERT INTO visits () VALUES ()');
    return (int) $database->query('SELECT COUNT(*) FROM visits')->fetch_row()[0];
}

$database = connect();
$visits = countVisit($database);
?>
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>LAMP on tscompose</title></head>
<body>
<h1>It works</h1>
<p>Visits: <?= $visits ?></p>
<p><?= htmlspecialchars(explode('/', (string) $_SERVER['SERVER_SOFTWARE'])[0]) ?>, PHP <?= PHP_VERSION ?>,
<?= htmlspecialchars($database->server_info) ?> on <?= htmlspecialchars((string) gethostname()) ?></p>
</body>
</html>
