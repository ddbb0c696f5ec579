flat in uint number;

out uint id;

void main()
{
    id = number;
}
