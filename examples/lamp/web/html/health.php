<?php
// Answers without the database, so that a restart of the database does not make the web server unhealthy.
echo "ok\n";
