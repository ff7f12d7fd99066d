# Instructions executed: the symbols that `nm -n` lists, then qemu's log `-d in_asm,exec,nochain`.
# Output: the total, then mnemonics and functions by number, each line `count name`.
#
# A block's listing (`IN:` and a line per instruction) comes before its first execution; a block
# counts as many instructions as its listing has. Addresses are compared as text of 16 digits. Where
# qemu's disassembler knows no name, as for sdot, it writes `.byte`.

function padded(address) {
    sub(/^0x/, "", address)
    sub(/:$/, "", address)
    return substr("0000000000000000", 1, 16 - length(address)) address
}

# The function that holds `address`: the last symbol not after it.
function function_at(address,    low, high, middle) {
    low = 0
    high = symbols
    while (low < high) {
        middle = int((low + high + 1) / 2)
        if ((starts[middle] "") <= (address "")) low = middle
        else high = middle - 1
    }
    return low ? names[low] : "unknown"
}

function list_most(title, counts,    name, sort) {
    print title
    sort = "sort -rn | head -n 24"
    for (name in counts) printf "%14d  %s\n", counts[name], name | sort
    close(sort)
}

FNR == NR {
    if ($2 ~ /^[tTwW]$/) {
        starts[++symbols] = $1
        names[symbols] = substr($0, 20)
    }
    next
}

/^IN:/ {
    start = ""
    listing = 1
    next
}

listing && /^0x/ {
    if (start == "") {
        start = padded($1)
        size[start] = 0
        mnemonics[start] = ""
    }
    size[start]++
    mnemonics[start] = mnemonics[start] " " $3
    next
}

/^Trace/ {
    listing = 0
    split($4, parts, "/")
    runs[padded(parts[2])]++
}

END {
    for (block in runs) {
        if (!(block in size)) {
            print "no listing of block " block > "/dev/stderr"
            exit 1
        }
        total += runs[block] * size[block]
        by_function[function_at(block)] += runs[block] * size[block]
        n = split(mnemonics[block], in_block, " ")
        for (i = 1; i <= n; i++) by_mnemonic[in_block[i]] += runs[block]
    }
    printf "%14d  instructions\n", total
    list_most("mnemonics", by_mnemonic)
    list_most("functions", by_function)
}
