# bash completion of wangge-view; its options come from its help
_wangge_view()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    local program=${COMP_WORDS[0]}
    COMPREPLY=()
    case $prev in
    --lang) COMPREPLY=($(compgen -W 'en zh' -- "$cur")); return ;;
    --mode) COMPREPLY=($(compgen -W 'grid alert' -- "$cur")); return ;;
    --theme) COMPREPLY=($(compgen -W 'day dark' -- "$cur")); return ;;
    --level)
        COMPREPLY=($(compgen -W 'city district street community grid micro-grid' -- "$cur"))
        return ;;
    --scheme | --camera | --size | --msaa | --frames | --view-distance) return ;;
    esac
    if [[ $cur == -* ]]; then
        COMPREPLY=($(compgen -W "$("$program" --help 2> /dev/null |
            sed -n 's/^  \(--[a-z-]*\).*/\1/p')" -- "$cur"))
        return
    fi
    COMPREPLY=($(compgen -f -- "$cur"))
}
complete -o filenames -F _wangge_view wangge-view
