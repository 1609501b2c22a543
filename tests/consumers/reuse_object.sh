#!/bin/sh
# A compiler launcher: where the build beside has compiled the same source, its object is taken. Consumers
# with recant's sources in their own build would compile all of them again; what their tests are about
# is that the sources configure and link there. reuse_object.sh MAP COMPILER ARGUMENT...
map=$1
shift
source='' object='' before=''
for word in "$@"; do
  case $before in
    -c) source=$word ;;
    -o) object=$word ;;
  esac
  before=$word
done
made=$(grep -F -m1 "$source " "$map" | cut -d' ' -f2)
if [ -n "$made" ] && [ "$made" -nt "$source" ]; then
  exec ln -f "$made" "$object"
fi
exec "$@"
