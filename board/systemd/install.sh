#!/bin/sh
# Installs the firmware as a service, on this system or into the root of another one:
#
#     sh board/systemd/install.sh target/release/mien-device [ROOT]
#
# It does not start anything and overwrites no configuration: say where the device stands first.
set -eu

binary=${1:?"which firmware? sh install.sh BINARY [ROOT]"}
root=${2:-}
here=$(dirname "$0")

put() { install -D -m "$1" "$2" "$root$3"; }
put 755 "$binary" /usr/bin/mien-device
put 644 "$here/mien.service" /usr/lib/systemd/system/mien.service
put 644 "$here/mien.sysusers" /usr/lib/sysusers.d/mien.conf
put 644 "$here/mien.tmpfiles" /usr/lib/tmpfiles.d/mien.conf
put 644 "$here/60-mien.rules" /usr/lib/udev/rules.d/60-mien.rules
put 644 "$here/../../device/config/example.toml" /usr/share/doc/mien/mien.toml
for optional in journald.conf watchdog.conf mien.service.d/brightness.conf; do
    put 644 "$here/$optional" "/usr/share/doc/mien/$(basename "$optional")"
done

if [ -z "$root" ]; then
    systemd-sysusers
    systemd-tmpfiles --create mien.conf
    udevadm control --reload
    systemctl daemon-reload
fi
echo "next: copy /usr/share/doc/mien/mien.toml to /etc/mien/mien.toml, edit it, and"
echo "      mien-device config check /etc/mien/mien.toml && systemctl enable --now mien"
